import type { Outcome } from "@mailonce/core";
import type {
  AccountSettings,
  LoginFacts,
  OutboxDepth,
  OutboxEntry,
  OutboxResult,
  RunEnd,
  ServiceObserver,
} from "@mailonce/runtime";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** With more accounts than that, no series of their own: the sums are left. */
const MOST_LABELLED = 1000;

/** What the metrics ask for when they are read. */
export interface MetricsSources {
  /** The accounts that are served. */
  readonly accounts: () => readonly string[];
  /** Null if the database does not answer. */
  readonly outbox: () => Promise<OutboxDepth | null>;
}

/** What /metrics says, in the format of Prometheus. */
export class Metrics implements ServiceObserver {
  readonly #registry = new Registry();
  readonly #since = Date.now();
  readonly #sources: MetricsSources;
  readonly #lastSuccess = new Map<string, number>();
  readonly #backingOff = new Set<string>();
  readonly #paused = new Set<string>();
  #text: Promise<string> | null = null;
  readonly #runs = this.#counter("runs_total", "Runs that have ended, by how.", ["result"]);
  readonly #logins = this.#counter("logins_total", "Logins, by whether they were refused.", ["result"]);
  readonly #messages = this.#counter("messages_total", "Messages, by what became of them.", ["outcome"]);
  readonly #octets = this.#counter("stored_octets_total", "Octets of the messages that were stored.", []);
  readonly #deliveries = this.#counter("deliveries_total", "Attempts to deliver to hooks, by result.", [
    "result",
  ]);
  readonly #underWay: Gauge;
  readonly #seconds: Histogram;

  constructor(sources: MetricsSources) {
    this.#sources = sources;
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#underWay = new Gauge({
      name: "mailonce_runs_under_way",
      help: "Runs under way in this process.",
      registers,
    });
    this.#seconds = new Histogram({
      name: "mailonce_run_seconds",
      help: "How long runs took.",
      buckets: [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000],
      registers,
    });
    this.#accountGauges();
    this.#outboxGauges();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Those who ask at the same time get the same: it costs some milliseconds, in which no run goes on. */
  text(): Promise<string> {
    this.#text ??= this.#registry.metrics().finally(() => {
      this.#text = null;
    });
    return this.#text;
  }

  began() {
    this.#underWay.inc();
  }

  loggedIn(_settings: AccountSettings, { refused }: LoginFacts) {
    this.#logins.inc({ result: refused === null ? "ok" : "refused" });
  }

  outcome(_settings: AccountSettings, { kind }: Outcome) {
    this.#messages.inc({ outcome: kind });
  }

  ended({ account: { maildrop } }: AccountSettings, { result, ms, octets, standing, began }: RunEnd) {
    if (began) {
      this.#underWay.dec();
      this.#seconds.observe(ms / 1000);
    }
    this.#runs.inc({ result: result.kind });
    this.#octets.inc(octets);
    if (result.kind === "ended") this.#lastSuccess.set(maildrop, Date.now());
    mark(this.#backingOff, maildrop, standing.failures + standing.refusals > 0);
    mark(this.#paused, maildrop, standing.pause !== null);
  }

  resumed({ account: { maildrop } }: AccountSettings) {
    this.#paused.delete(maildrop);
  }

  delivered(_entry: OutboxEntry, { state }: OutboxResult) {
    this.#deliveries.inc({ result: state === "pending" ? "failed" : state });
  }

  #counter<T extends string>(name: string, help: string, labelNames: readonly T[]): Counter<T> {
    return new Counter({ name: `mailonce_${name}`, help, labelNames, registers: [this.#registry] });
  }

  /** What is known of each account in this process. */
  #accountGauges(): void {
    const registers = [this.#registry];
    const served = () => this.#sources.accounts();
    const lastSuccess = this.#lastSuccess;
    const since = this.#since;
    const lag = (name: string): number => (Date.now() - (lastSuccess.get(name) ?? since)) / 1000;
    const states: Readonly<Record<string, ReadonlySet<string>>> = {
      backing_off: this.#backingOff,
      paused: this.#paused,
    };
    new Gauge({
      name: "mailonce_accounts",
      help: "Accounts that are served, and those of them that back off or are paused, as this process knows.",
      labelNames: ["state"],
      registers,
      collect() {
        const names = served();
        this.set({ state: "served" }, names.length);
        for (const [state, set] of Object.entries(states))
          this.set({ state }, names.filter((name) => set.has(name)).length);
      },
    });
    new Gauge({
      name: "mailonce_lag_seconds_max",
      help: "Longest time since a run of an account here saw its maildrop through, or since this process began.",
      registers,
      collect() {
        this.set(served().reduce((most, name) => Math.max(most, lag(name)), 0));
      },
    });
    new Gauge({
      name: "mailonce_lag_seconds",
      help: `The same for each account, where there are at most ${MOST_LABELLED}.`,
      labelNames: ["maildrop"],
      registers,
      collect() {
        this.reset();
        const names = served();
        if (names.length > MOST_LABELLED) return;
        for (const maildrop of names) this.set({ maildrop }, lag(maildrop));
      },
    });
  }

  #outboxGauges(): void {
    const registers = [this.#registry];
    const depth = () => this.#sources.outbox();
    const oldest = new Gauge({
      name: "mailonce_outbox_oldest_seconds",
      help: "Age of the oldest delivery that waits.",
      registers,
    });
    new Gauge({
      name: "mailonce_outbox",
      help: "Deliveries that wait, and that were given up.",
      labelNames: ["state"],
      registers,
      async collect() {
        const now = await depth();
        if (now === null) return this.reset();
        this.set({ state: "pending" }, now.pending);
        this.set({ state: "dead" }, now.dead);
        oldest.set(now.oldest === null ? 0 : (Date.now() - now.oldest.getTime()) / 1000);
      },
    });
  }
}

function mark(set: Set<string>, name: string, is: boolean): void {
  if (is) set.add(name);
  else set.delete(name);
}
