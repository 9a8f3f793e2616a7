import {
  ACCOUNT_STATES,
  accountState,
  type OutboxDepth,
  PAUSE_CODES,
  pauseCode,
  type StandingSummary,
} from "@mailonce/runtime/service";
import { Gauge, type Registry } from "prom-client";
import type { ConfigurationState } from "../accounts/served-accounts.ts";

/** With more accounts than this, they get no series of their own: only the sums are told. */
const MOST_LABELLED = 1000;
/** The clocks of workers may differ by so much. A later time is not believed: it was written by a clock that was wrong. */
const CLOCK_MS = 5 * 60_000;
/** Why deliveries to a hook fail. Other codes are told as `other`, so that there are no more series than these. */
const HOOK_REASONS = [
  "connection",
  "exit-status",
  "http-status",
  "no-hook",
  "no-program",
  "secret",
  "timeout",
  "other",
] as const;

/** How everything is at one time. What the database did not say is null. */
export interface Snapshot {
  /** Whether /readyz says so. */
  readonly isReady: boolean;
  readonly version: string;
  /** The maildrops of the accounts that are served, and since when this process serves them, in ms since 1970. */
  readonly served: ReadonlyMap<string, number>;
  /** Whether metrics may name maildrops. */
  readonly names: boolean;
  readonly standings: ReadonlyMap<string, StandingSummary> | null;
  readonly outbox: OutboxDepth | null;
  /** How many hooks of accounts have deliveries that fail, by the code of the reason. */
  readonly failing: ReadonlyMap<string, number> | null;
  /** How many hooks have no secret, although they should. */
  readonly withoutSecret: number;
  /** How many workers serve from the database. */
  readonly workers: number | null;
  readonly configuration: ConfigurationState;
}

/** Defines the metrics that Gauges sets. */
function makeGauges(registry: Registry) {
  const gauge = <T extends string = never>(name: string, help: string, labelNames: readonly T[] = []) =>
    new Gauge<T>({ name: `mailonce_${name}`, help, labelNames, registers: [registry] });
  return {
    accounts: gauge("accounts", "Accounts that are served, each in one state.", ["state"]),
    paused: gauge("accounts_paused", "Accounts that are paused, by the reason.", ["reason"]),
    rejected: gauge("accounts_rejected", "Accounts of the database whose settings cannot be understood."),
    longestLag: gauge(
      "lag_seconds_max",
      "Longest time since a run of an account that is not paused saw its maildrop through.",
    ),
    lag: gauge(
      "lag_seconds",
      `The same for each account, where there are at most ${MOST_LABELLED} and names may be told.`,
      ["maildrop"],
    ),
    outbox: gauge("outbox", "Deliveries that wait, and that were given up.", ["state"]),
    oldest: gauge("outbox_oldest_seconds", "Age of the oldest delivery that waits."),
    failing: gauge("hooks_failing", "Hooks of accounts whose deliveries do not get on, by the reason.", [
      "reason",
    ]),
    withoutSecret: gauge("hook_secrets_missing", "Hooks of accounts whose secret is not to be had."),
    workers: gauge("workers", "Workers that serve from this database."),
    configuration: gauge(
      "configuration_rejected",
      "1: the accounts file cannot be read as it is, and what it said before holds.",
    ),
    restart: gauge(
      "configuration_restart_needed",
      "1: the accounts file has changed in what holds from a worker's start on.",
    ),
    ready: gauge("ready", "1: /readyz says that the worker can work."),
    build: gauge("build_info", "1, for the version.", ["version", "node"]),
  };
}

/** The metrics that tell how something is at the time when they are read, such as how many accounts are paused. */
export class Gauges {
  readonly #gauges: ReturnType<typeof makeGauges>;
  /** The standings that the database gave last. While it is away, the lag of the accounts goes on growing from these. */
  #known: ReadonlyMap<string, StandingSummary> = new Map();

  constructor(registry: Registry) {
    this.#gauges = makeGauges(registry);
  }

  set(snapshot: Snapshot): void {
    const { isReady, version, withoutSecret, workers, configuration } = snapshot;
    this.#gauges.ready.set(isReady ? 1 : 0);
    this.#gauges.build.set({ version, node: process.versions.node }, 1);
    this.#gauges.withoutSecret.set(withoutSecret);
    this.#gauges.configuration.set(configuration.isRejected ? 1 : 0);
    this.#gauges.restart.set(configuration.heldBack.length > 0 ? 1 : 0);
    this.#gauges.rejected.set(configuration.unreadable);
    if (workers === null) this.#gauges.workers.remove();
    else this.#gauges.workers.set(workers);
    this.#setAccounts(snapshot);
    this.#setLag(snapshot);
    this.#setOutbox(snapshot);
  }

  #setAccounts({ served, standings }: Snapshot): void {
    this.#gauges.accounts.reset();
    this.#gauges.paused.reset();
    if (standings === null) return;
    const states = new Map<string, number>(ACCOUNT_STATES.map((state) => [state, 0]));
    const reasons = new Map<string, number>(PAUSE_CODES.map((code) => [code, 0]));
    for (const maildrop of served.keys()) {
      const summary = standings.get(maildrop);
      const pause = summary?.pause ?? null;
      countIn(states, accountState(summary));
      if (pause !== null) countIn(reasons, pauseCode(pause));
    }
    for (const [state, count] of states) this.#gauges.accounts.set({ state }, count);
    for (const [reason, count] of reasons) this.#gauges.paused.set({ reason }, count);
  }

  #setLag({ served, standings, names }: Snapshot): void {
    this.#gauges.lag.reset();
    this.#known = standings ?? this.#known;
    const now = Date.now();
    let longest = 0;
    for (const [maildrop, since] of served) {
      const summary = this.#known.get(maildrop);
      if ((summary?.pause ?? null) !== null) continue;
      const last = summary?.lastSuccess?.getTime() ?? since;
      const seconds = Math.max(0, now - (last > now + CLOCK_MS ? since : last)) / 1000;
      longest = Math.max(longest, seconds);
      if (names && served.size <= MOST_LABELLED) this.#gauges.lag.set({ maildrop }, seconds);
    }
    this.#gauges.longestLag.set(longest);
  }

  #setOutbox({ outbox, failing }: Snapshot): void {
    for (const gauge of [this.#gauges.outbox, this.#gauges.failing]) gauge.reset();
    // Not reset: a gauge without labels would then be 0.
    this.#gauges.oldest.remove();
    if (outbox !== null) {
      this.#gauges.outbox.set({ state: "pending" }, outbox.pending);
      this.#gauges.outbox.set({ state: "dead" }, outbox.dead);
      this.#gauges.oldest.set(
        outbox.oldest === null ? 0 : Math.max(0, Date.now() - outbox.oldest.getTime()) / 1000,
      );
    }
    if (failing === null) return;
    const reasons = new Map<string, number>(HOOK_REASONS.map((reason) => [reason, 0]));
    for (const [code, count] of failing)
      countIn(reasons, HOOK_REASONS.find((reason) => reason === code) ?? "other", count);
    for (const [reason, count] of reasons) this.#gauges.failing.set({ reason }, count);
  }
}

function countIn(counts: Map<string, number>, key: string, more = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + more);
}
