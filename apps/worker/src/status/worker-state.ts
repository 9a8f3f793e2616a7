import type { RunQueue } from "@mailonce/runtime/service";
import type { ServedAccounts } from "../accounts/served-accounts.ts";
import type { HookLog } from "../log/hook-log.ts";
import { version } from "../process/version.ts";
import { HANGING, type HangWatch } from "../watch/hang-watch.ts";
import type { Peers } from "../watch/peers.ts";
import type { DatabaseLook } from "./database-look.ts";
import type { Snapshot } from "./gauges.ts";

/** What a {@link WorkerState} looks at. */
export interface WorkerStateParts {
  readonly database: DatabaseLook;
  readonly queue: Pick<RunQueue, "trouble">;
  readonly served: ServedAccounts;
  readonly hooks: HookLog;
  readonly peers: Peers;
  readonly hang: HangWatch;
  readonly phase: () => "starting" | "working" | "ending";
}

/** A look at all accounts that took longer is not repeated for so many times as long. */
const LONG_MS = 500;
const SHARE = 20;

/** How a worker is, for /readyz and /metrics. */
export class WorkerState {
  readonly #parts: WorkerStateParts;
  /** What the database said of the accounts, when, and how long that took. */
  #known: { readonly standings: Snapshot["standings"]; readonly at: number; readonly ms: number } | null =
    null;
  /** Since when this process serves each account, in ms since 1970. */
  #since: ReadonlyMap<string, number> = new Map();

  constructor(parts: WorkerStateParts) {
    this.#parts = parts;
  }

  /** These accounts are served from now on. */
  serves(maildrops: Iterable<string>): void {
    const now = Date.now();
    this.#since = new Map([...maildrops].map((maildrop) => [maildrop, this.#since.get(maildrop) ?? now]));
  }

  /** Why no work is done at present, a sentence each. */
  async troubles(): Promise<readonly string[]> {
    const { database, queue, hang, phase } = this.#parts;
    const isThere = await database.ask("there", (store) => store.findMaildrop("-").then(() => true));
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
      ...(peers.note === null ? [] : [peers.note]),
    ];
  }

  /** Always as they are now, unless there are so many (a hundred thousand) that looking takes its time. */
  async #standings(): Promise<Snapshot["standings"]> {
    const began = performance.now();
    const known = this.#known;
    if (known !== null && known.ms > LONG_MS && began - known.at < SHARE * known.ms) return known.standings;
    const standings = await this.#parts.database.ask("standings", (store) => store.standings.summaries());
    const at = performance.now();
    this.#known = standings === null ? null : { standings, at, ms: at - began };
    return standings;
  }

  async snapshot(): Promise<Snapshot> {
    const { database, served, hooks, peers } = this.#parts;
    const [troubles, standings, outbox, failing] = await Promise.all([
      this.troubles(),
      this.#standings(),
      database.ask("outbox", (store) => store.outbox.depth()),
      database.ask("hooks", (store) => store.outbox.failing()),
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
