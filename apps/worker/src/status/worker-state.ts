import type { Ledger } from "@mailonce/core";
import type { AnswersInTime, HangWatch, Outbox, Peers, RunQueue, Standings } from "@mailonce/runtime/service";
import type { ServedAccounts } from "../accounts/served-accounts.ts";
import type { HookLog } from "../log/hook-log.ts";
import { version } from "../process/version.ts";
import { HANGING } from "../text/words.ts";
import type { Snapshot } from "./gauges.ts";

/** Whether a worker has not started yet, works, or ends. */
export type Phase = "starting" | "working" | "ending";

/** What a {@link WorkerState} looks at. */
export interface WorkerStateParts {
  readonly answers: AnswersInTime<StateStore>;
  readonly queue: Pick<RunQueue, "trouble">;
  readonly served: ServedAccounts;
  readonly hooks: HookLog;
  readonly peers: Peers;
  readonly hang: HangWatch;
  readonly phase: () => Phase;
}

/** What a {@link WorkerState} asks the database. */
interface StateStore extends Pick<Ledger, "findMaildrop"> {
  readonly standings: Pick<Standings, "summaries">;
  readonly outbox: Pick<Outbox, "depth" | "failing">;
}

/** Reading the standings of all accounts may take long: if it took more than this, they are kept for so many times as long. */
const LONG_MS = 500;
const KEPT_TIMES = 20;

/** Collects how a worker is, for /readyz and /metrics. */
export class WorkerState {
  readonly #parts: WorkerStateParts;
  /** How the accounts stood when the database was asked last, when that was, and how long it took. */
  #known: { readonly standings: Snapshot["standings"]; readonly at: number; readonly ms: number } | null =
    null;
  /** Since when this process serves each account, in ms since 1970. */
  #since: ReadonlyMap<string, number> = new Map();

  constructor(parts: WorkerStateParts) {
    this.#parts = parts;
  }

  /** To be called when other accounts are served: these are. */
  serves(maildrops: Iterable<string>): void {
    const now = Date.now();
    this.#since = new Map([...maildrops].map((maildrop) => [maildrop, this.#since.get(maildrop) ?? now]));
  }

  /** Why no work is done at present, a sentence each. */
  async troubles(): Promise<readonly string[]> {
    const { answers, queue, hang, phase } = this.#parts;
    const isThere = await answers.ask("there", (store) => store.findMaildrop("-").then(() => true));
    return [
      ...(isThere === null ? ["the database does not answer"] : []),
      ...(queue.trouble === null ? [] : [queue.trouble]),
      ...(hang.isHanging ? [HANGING] : []),
      ...(phase() === "working" ? [] : [`the worker is ${phase()}`]),
    ];
  }

  /** What somebody should see to although work is done, a sentence each. */
  notes(): readonly string[] {
    const { served, peers } = this.#parts;
    const { isRejected, heldBack } = served.state;
    return [
      ...(isRejected
        ? ["the accounts file cannot be read as it is now: what it said before holds (see the log)"]
        : []),
      ...(heldBack.length > 0
        ? [
            `${heldBack.join(", ")}: changed in the accounts file, which holds from the worker's next start on`,
          ]
        : []),
      ...(peers.hasStrangers ? ["another worker serves from this database by a queue of its own"] : []),
    ];
  }

  /** How the accounts stand: as they do now, unless there are so many (a hundred thousand) that reading them takes long. */
  async #standings(): Promise<Snapshot["standings"]> {
    const began = performance.now();
    const known = this.#known;
    if (known !== null && known.ms > LONG_MS && began - known.at < KEPT_TIMES * known.ms)
      return known.standings;
    const standings = await this.#parts.answers.ask("standings", (store) => store.standings.summaries());
    const at = performance.now();
    this.#known = standings === null ? null : { standings, at, ms: at - began };
    return standings;
  }

  /** How everything is now. What the database does not say in time is null. */
  async snapshot(): Promise<Snapshot> {
    const { answers, served, hooks, peers } = this.#parts;
    const [troubles, standings, outbox, failing] = await Promise.all([
      this.troubles(),
      this.#standings(),
      answers.ask("outbox", (store) => store.outbox.depth()),
      answers.ask("hooks", (store) => store.outbox.failing()),
    ]);
    return {
      isReady: troubles.length === 0,
      version: version(),
      served: this.#since,
      names: served.configuration.worker.metricsNames ?? true,
      standings,
      outbox,
      failing,
      withoutSecret: hooks.withoutSecret,
      workers: peers.count,
      configuration: served.state,
    };
  }
}
