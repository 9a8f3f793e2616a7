import type { Outcome } from "@mailonce/core";
import type { AccountSettings } from "@mailonce/runtime/config";
import type {
  LoginFacts,
  OutboxEntry,
  OutboxResult,
  RunEnd,
  RunResult,
  ServiceObserver,
} from "@mailonce/runtime/service";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { Gauges, type Snapshot } from "./gauges.ts";

const RESULTS: readonly RunResult["kind"][] = [
  "ended",
  "busy",
  "login-delay",
  "refused",
  "trouble",
  "local",
  "interrupted",
];

/** What /metrics says, in the format of Prometheus. */
export class Metrics implements ServiceObserver {
  readonly #registry = new Registry();
  readonly #gauges = new Gauges(this.#registry);
  readonly #snapshot: () => Promise<Snapshot>;
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

  /** @param snapshot is called when the metrics are read, and tells how everything is then */
  constructor(snapshot: () => Promise<Snapshot>) {
    this.#snapshot = snapshot;
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
    // All series begin at 0: of one that begins at 1 no alert would see that it rose.
    for (const result of RESULTS) this.#runs.inc({ result }, 0);
    for (const result of ["ok", "refused"]) this.#logins.inc({ result }, 0);
    for (const result of ["delivered", "failed", "dead"]) this.#deliveries.inc({ result }, 0);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The metrics as text. Those who ask at the same time get the same: making it takes milliseconds in which no run goes on. */
  text(): Promise<string> {
    this.#text ??= this.#read().finally(() => {
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

  outcomes(_settings: AccountSettings, outcomes: readonly Outcome[]) {
    for (const { kind } of outcomes) this.#messages.inc({ outcome: kind });
  }

  ended(_settings: AccountSettings, { result, ms, octets, began }: RunEnd) {
    if (began) {
      this.#underWay.dec();
      this.#seconds.observe(ms / 1000);
    }
    this.#runs.inc({ result: result.kind });
    this.#octets.inc(octets);
  }

  delivered(_entry: OutboxEntry, { state }: OutboxResult) {
    this.#deliveries.inc({ result: state === "pending" ? "failed" : state });
  }

  async #read(): Promise<string> {
    // First, so that nothing is told as it was the last time.
    this.#gauges.set(await this.#snapshot());
    return this.#registry.metrics();
  }

  #counter<T extends string>(name: string, help: string, labelNames: readonly T[]): Counter<T> {
    return new Counter({ name: `mailonce_${name}`, help, labelNames, registers: [this.#registry] });
  }
}
