import {
  Attempts,
  baselineMaildrop,
  checkMaildrop,
  dropDeferred,
  type FetchOptions,
  fetchMaildrop,
  GuardFailedError,
  type LedgerEntry,
  type Outcome,
  type Run,
  type RunSummary,
  retryDeferred,
  ServerError,
  StoreUnavailableError,
} from "../../src/index.ts";
import { InMemorySpool, InMemoryStore } from "../../src/memory/index.ts";
import { type Event, type History, PLAIN_RUN, type RunPlan } from "./history.ts";
import { ModelLease } from "./lease.ts";
import { Oracle, type Verdict } from "./oracle.ts";
import { isOrderly } from "./orderly.ts";
import { Server } from "./server.ts";
import { ModelSession } from "./session.ts";
import { SeededTurns, Steps, type Turns, Unbounded } from "./steps.ts";
import { type StoreWatch, storeOf } from "./store.ts";
import { committedLines, runLines } from "./transcript.ts";
import { criteriaOf, isTimed, START, type Wish } from "./wish.ts";

const MAILDROP = "ben@mail.example.org";
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Counts over all histories that were played. */
export interface Tally {
  histories: number;
  runs: number;
  crashes: number;
  retrieved: number;
  excused: number;
}

export function newTally(): Tally {
  return { histories: 0, runs: 0, crashes: 0, retrieved: 0, excused: 0 };
}

/** Receives a description of what happens, line by line. */
export type Trace = (line: string) => void;

/** Plays a history. Gives the first promise that was broken, null if all hold. */
export async function play(
  history: History,
  tally: Tally,
  trace: Trace | null = null,
): Promise<Verdict | null> {
  const player = new Player(history, tally, trace);
  const verdict = await player.play();
  tally.histories++;
  tally.excused += player.oracle.excused;
  return verdict;
}

class Leave extends Error {}

/** Why a run is made. `last` is the last fetch of a history, after which nothing may be missing. */
type Purpose = "fetch" | "baseline" | "last";
type Ending = "complete" | "broken" | "crashed";

class Player {
  readonly oracle: Oracle;
  readonly #history: History;
  readonly #tally: Tally;
  readonly #trace: Trace | null;
  readonly #server: Server;
  readonly #store = new InMemoryStore();
  #clock = START;
  /** Milliseconds by which the client's clock is ahead. */
  #ahead = 0;
  /** The attempts of the fetch to which the present runs belong, null if each run is a fetch by itself. */
  #attempts: Attempts | null = null;
  /** True: runs are made under a lease, as by the runtime; false: without, as by other programs. */
  readonly #isLeased: boolean;
  #criteria: Wish | null;
  #maxOctets: number | null;
  /** The result of the last run: whether it left nothing to do, whether retries are due, how much it retrieved. */
  #quiet = false;
  #retries = false;
  #retrieved = 0;
  /** The session of the last run, null before the first. */
  #session: ModelSession | null = null;
  /** The outcomes of the check right before this run, by message number; null if there was none. */
  #told: ReadonlyMap<number, Outcome["kind"]> | null = null;

  constructor(history: History, tally: Tally, trace: Trace | null) {
    this.#history = history;
    this.#tally = tally;
    this.#trace = trace;
    this.#server = new Server(history.habits);
    this.oracle = new Oracle(this.#server);
    // Half of all histories; the same ones each time they are played.
    this.#isLeased = history.events.length % 2 === 0;
    this.#criteria = history.criteria;
    this.#maxOctets = history.habits.maxOctets;
  }

  async play(): Promise<Verdict | null> {
    this.oracle.criteria = this.#criteria;
    this.oracle.now = () => this.#now().getTime();
    this.oracle.isOrderly = isOrderly(this.#history);
    for (const event of this.#history.events) {
      this.#trace?.(JSON.stringify(event));
      await this.#event(event);
      if (this.oracle.verdict !== null) return this.oracle.verdict;
    }
    this.#ahead = 0;
    await this.#sitOutFaults();
    if (this.oracle.verdict === null) await this.#drain();
    return this.oracle.verdict;
  }

  async #event(event: Event): Promise<void> {
    const server = this.#server;
    switch (event.do) {
      case "deliver":
        return server.deliver(event.kind, event.first);
      case "copy":
        return server.copy(event.of);
      case "delete":
        return server.delete(event.at);
      case "renumber":
        return server.renumber(event.at);
      case "reorder":
        return server.reorder(event.how);
      case "fault":
        return server.fault(event.at, event.fault);
      case "heal":
        return server.heal();
      case "wait":
        this.#clock += DAY;
        return;
      case "clock":
        this.#ahead = event.days * DAY;
        return;
      case "criteria":
        this.#criteria = event.parity;
        this.oracle.criteria = event.parity;
        return;
      case "baseline":
        await this.#run(event.plan, "baseline");
        return;
      case "retry":
        return this.#change((entries) => entries, retryDeferred);
      case "drop":
        return this.#change((entries) => entries.slice(event.at % entries.length).slice(0, 1), dropDeferred);
      case "run":
        await this.#run(event.plan);
        return;
      case "check":
        return this.#check();
      case "two":
        return this.#two(event);
    }
  }

  /** Does what a person does to some of the waiting entries. Dropped ones count as marked as known from then on. */
  async #change(
    choose: (entries: readonly LedgerEntry[]) => readonly LedgerEntry[],
    change: typeof retryDeferred,
  ): Promise<void> {
    const { id } = await this.#store.openMaildrop(MAILDROP);
    const waiting: LedgerEntry[] = [];
    for await (const block of this.#store.deferredEntries(id)) waiting.push(...block);
    const identities = choose(waiting).map(({ identity }) => identity);
    const steps = new Steps({ at: new Map(), crashAt: null, turns: null, onCrash: () => {} });
    this.oracle.baselining = this.#session;
    await change(storeOf(this.#store, steps, null, this.#watch()), MAILDROP, identities);
    this.oracle.baselining = null;
  }

  /** Makes a fetch as the runtime does: one run, and then one for messages that failed before, if any are due. */
  async #visit(): Promise<void> {
    this.#attempts = new Attempts();
    await this.#run(PLAIN_RUN);
    const wasQuiet = this.#quiet;
    if (this.#retries && this.oracle.verdict === null) {
      await this.#run({ ...PLAIN_RUN, only: "retries" });
      this.#quiet &&= wasQuiet;
    }
    this.#attempts = null;
  }

  /** Fetches while all faults persist: the healthy messages must be stored all the same. */
  async #sitOutFaults(): Promise<void> {
    if (!this.#server.items.some(({ fault }) => fault !== null)) return;
    for (let n = 0; n < 30; n++) {
      await this.#visit();
      if (this.oracle.verdict !== null || this.#blocked().length === 0) return;
      this.#clock += DAY / 4;
    }
    const names = this.#blocked().map(({ item }) => item.mail.name);
    this.oracle.fail("blocked", `${names.join(", ")} not stored, because of others`);
  }

  #blocked() {
    return this.oracle.blocked(this.#server.list("none"), this.#maxOctets);
  }

  /** Fetches after all faults have ended: after a few runs nothing may be missing, and nothing be left to do. */
  async #drain(): Promise<void> {
    const { habits } = this.#server;
    this.#server.heal();
    this.#maxOctets = null;
    const runs = habits.hides === "no" && habits.sizes !== "flaky" ? 9 : 20;
    // What has to grow old comes into the window only after that.
    const waits = isTimed(this.#criteria) ? 2 : 1;
    // If LIST is late, a run with nothing to do may be followed by one that has something to do.
    const enough = habits.sizes === "late" ? 2 : 1;
    for (let n = 0, quiet = 0; n < waits * runs && quiet < enough; n++) {
      this.#clock += 2 * DAY;
      await this.#visit();
      if (this.oracle.verdict !== null) return;
      quiet = this.#quiet ? quiet + 1 : 0;
    }
    let ending = await this.#run(PLAIN_RUN, "last");
    // A reply that was suspect in a pipelined session is believed in the next one, which sends one command at a time.
    if (ending === "broken" && habits.sizes === "flaky") ending = await this.#run(PLAIN_RUN, "last");
    if (ending !== "complete") this.oracle.fail("stuck", `the last run is ${ending}`);
    if (this.#isOwedTheWindow())
      for (const { mail } of this.oracle.starved())
        this.oracle.fail("starved", `${mail.name} is never listed`);
    // After a header that forged its end, TOP may decide nothing any more.
    const forged = this.#history.events.some((event) => event.do === "fault" && event.fault === "forge");
    const everything = (habits.top !== "ok" || forged) && this.oracle.isGrouped(habits);
    if (this.#retrieved > 0 && habits.hides === "no" && !everything && habits.sizes !== "flaky")
      this.oracle.fail("busy", `the last run still retrieves ${this.#retrieved} messages`);
    if (isOrderly(this.#history))
      for (const { name, strong } of this.oracle.again)
        if (strong) this.oracle.fail("again", `${name} is retrieved although it is stored`);
    await this.#checkStore();
  }

  /** True if rule 19 must bring all mail into the window of a provider that hides retrieved messages. */
  #isOwedTheWindow(): boolean {
    const { habits, events } = this.#history;
    // Without TOP, mail that earlier criteria rejected was retrieved all the same, and is hidden for ever.
    const sameCriteria = !events.some((event) => event.do === "criteria");
    return habits.hides === "told" && sameCriteria;
  }

  /** The oracle counts messages as they are committed: the store must hold as many. */
  async #checkStore(): Promise<void> {
    let stored = 0;
    for await (const _message of this.#store.messages()) stored++;
    const counted = [...this.oracle.stored.values()].reduce((sum, one) => sum + one, 0);
    if (stored !== counted)
      this.oracle.fail("error", `${stored} messages in the store, ${counted} were committed`);
  }

  /** Makes a check, which must change nothing, and a fetch, which must store nothing that was known or skipped then. */
  async #check(): Promise<void> {
    const { oracle } = this;
    const steps = new Steps({ at: new Map(), crashAt: null, turns: null, onCrash: () => {} });
    const session = new ModelSession(this.#server, "none", steps, oracle);
    const watch: StoreWatch = {
      refuses: () => false,
      committed(messages, entries, facts, deleted) {
        if (messages.length + entries.length + deleted.length + Object.keys(facts).length > 0)
          oracle.fail("error", "a check has written to the ledger");
      },
    };
    const run = checkMaildrop({
      session,
      store: storeOf(this.#store, steps, null, watch),
      maildrop: MAILDROP,
      criteria: criteriaOf(this.#criteria),
      now: () => this.#now(),
    });
    const outcomes: Outcome[] = [];
    let left = false;
    try {
      for await (const outcome of run) outcomes.push(outcome);
    } catch (error) {
      if (!this.#isExpected(error, PLAIN_RUN, false)) throw error;
      left = true;
    }
    this.#checkCounts(run, left ? null : outcomes);
    this.#tell(session, outcomes, run.summary, left);
    if (session.retrieved.size > 0) oracle.fail("error", "a check has retrieved");
    if (!left) this.#told = new Map(outcomes.map(({ messageNumber, kind }) => [messageNumber, kind]));
    await this.#run(PLAIN_RUN);
    this.#told = null;
  }

  /** However the run ended, each listed message must be counted once; one with outcomes by its last outcome. */
  #checkCounts({ progress, summary }: Run, outcomes: readonly Outcome[] | null): void {
    const { counts, left, retries, baselined } = summary;
    const all = [...Object.values(counts), left, retries, baselined];
    const sum = all.reduce((total: number, count: number) => total + count, 0);
    if (sum !== progress.listed || all.some((count) => count < 0))
      this.oracle.fail("counts", `${progress.listed} messages are listed, ${sum} are counted`);
    if (outcomes === null) return;
    const told = [...new Map(outcomes.map(({ messageNumber, kind }) => [messageNumber, kind])).values()];
    for (const kind of ["stored", "skipped", "rebound", "deferred", "failed"] as const)
      if (told.filter((one) => one === kind).length !== counts[kind])
        this.oracle.fail("counts", `${told.join(", ")} were told, ${JSON.stringify(counts)} are counted`);
  }

  /** Writes a run into the trace, if there is one. */
  #tell(session: ModelSession, outcomes: readonly Outcome[], summary: RunSummary, left: boolean): void {
    if (this.#trace === null) return;
    this.#trace(described(session, outcomes, left));
    for (const line of runLines(session, outcomes, summary)) this.#trace(line);
  }

  #watch(): StoreWatch {
    return this.#trace === null ? this.oracle : committedLines(this.oracle, this.#trace);
  }

  #now(): Date {
    return new Date(this.#clock + this.#ahead);
  }

  #compare(outcomes: readonly Outcome[]): void {
    const { habits } = this.#server;
    // Before TOP has proved itself it may lie; if sizes are not exact, the two sessions may list different octets; and if
    // retrieval hides messages, known ones are retrieved again.
    const isSteady = habits.top === "ok" && habits.sizes === "exact" && habits.hides !== "told";
    if (this.#told === null || !isSteady) return;
    for (const { kind, messageNumber } of outcomes) {
      const told = this.#told.get(messageNumber) ?? "known";
      // Rule 26: to prove TOP, a message is retrieved and stored that TOP would have left to wait.
      const isProof = told === "waiting" && !this.#isAskedBeforeRetr(messageNumber);
      if (kind === "stored" && told !== "new" && told !== "deferred" && !isProof)
        this.oracle.fail("check", `message ${messageNumber} was ${told} to a check, and is stored`);
    }
  }

  #isAskedBeforeRetr(messageNumber: number): boolean {
    const commands = this.#session?.commands ?? [];
    const asked = commands.indexOf(`TOP ${messageNumber} 0`);
    const retrieved = commands.findIndex(
      (command) => command.startsWith("RETR ") && command.split(" ").includes(String(messageNumber)),
    );
    return asked >= 0 && asked < retrieved;
  }

  async #two(event: Extract<Event, { do: "two" }>): Promise<void> {
    const turns = new SeededTurns(event.order, event.ahead);
    const at = new Map<number, () => void>();
    if (event.deleteAt !== null) at.set(event.deleteAt, () => this.#server.delete(event.order));
    if (event.deliverAt !== null) at.set(event.deliverAt, () => this.#server.deliver(event.order % 9));
    const first = this.#start(PLAIN_RUN, turns, at);
    const second = this.#start({ ...PLAIN_RUN, flap: event.flap }, turns, new Map());
    turns.add(first.steps);
    turns.add(second.steps);
    await Promise.all([first.go(), second.go()]);
    this.#clock += 10 * MINUTE;
  }

  async #run(plan: RunPlan, what: Purpose = "fetch"): Promise<Ending> {
    const at = new Map<number, () => void>();
    const { deleteAt } = plan;
    if (deleteAt !== null) at.set(deleteAt, () => this.#server.delete(deleteAt));
    const ending = await this.#start(plan, null, at, what).go();
    this.#clock += 10 * MINUTE;
    return ending;
  }

  #start(plan: RunPlan, turns: Turns | null, at: ReadonlyMap<number, () => void>, what: Purpose = "fetch") {
    let die = (): void => {};
    const death = new Promise<"crashed">((resolve) => {
      die = () => {
        this.#tally.crashes++;
        resolve("crashed");
      };
    });
    const steps = new Steps({ at, crashAt: plan.crashAt, turns, onCrash: () => die() });
    const mayDie = plan.crashAt !== null || this.#server.items.some(({ fault }) => fault === "kill");
    const go = async (): Promise<Ending> => {
      this.#tally.runs++;
      const living = this.#fetch(plan, steps, what, turns !== null);
      const ending = mayDie ? await Promise.race([living, death]) : await living;
      turns?.ended(steps);
      return ending;
    };
    return { steps, go };
  }

  async #fetch(plan: RunPlan, steps: Steps, what: Purpose, inCompany: boolean): Promise<Ending> {
    const { oracle } = this;
    const session = new ModelSession(this.#server, plan.flap, steps, oracle);
    this.#session = session;
    const leaving = plan.leave?.by === "abort" ? new AbortController() : null;
    const store = storeOf(this.#store, steps, plan.store, this.#watch());
    const lease = this.#isLeased && !inCompany ? await ModelLease.take(store, MAILDROP) : null;
    const options: FetchOptions = {
      session,
      store,
      lease,
      maildrop: MAILDROP,
      spool: new InMemorySpool(),
      criteria: criteriaOf(this.#criteria),
      now: () => this.#now(),
      ...(this.#attempts === null ? {} : { attempts: this.#attempts }),
      ...(this.#history.habits.hides === "told" ? { retrievalHides: true } : {}),
      ...(plan.limit === null ? {} : { limit: plan.limit }),
      ...(plan.only === null ? {} : { only: plan.only }),
      ...(this.#maxOctets === null ? {} : { maxOctets: this.#maxOctets }),
      ...(leaving === null ? {} : { signal: leaving.signal }),
    };
    const { criteria } = oracle;
    const maxOctets = this.#maxOctets;
    const { trusted, lastCount } = oracle;
    oracle.inNoOrder = plan.only !== null || inCompany;
    oracle.baselining = what === "baseline" ? session : null;
    const run = what === "baseline" ? baselineMaildrop(options) : fetchMaildrop(options);
    const outcomes: Outcome[] = [];
    let left = false;
    try {
      for await (const outcome of run) {
        outcomes.push(outcome);
        if (outcomes.length !== plan.leave?.after) continue;
        left = true;
        if (leaving === null) break;
        leaving.abort(new Leave());
      }
    } catch (error) {
      if (!this.#isExpected(error, plan, inCompany))
        oracle.fail("error", error instanceof Error ? (error.stack ?? error.message) : String(error));
      left = true;
    } finally {
      this.#tally.retrieved += session.retrieved.size;
    }
    await lease?.giveBack();
    this.#checkCounts(run, left ? null : outcomes);
    const { summary } = run;
    const { counts } = summary;
    this.#retries = summary.retries > 0;
    this.#compare(outcomes);
    this.#tell(session, outcomes, summary, left);
    this.#retrieved = session.retrieved.size;
    this.#quiet =
      !left &&
      session.retrieved.size === 0 &&
      // A run that has just ceased to trust unique-ids leaves all entries to be looked at again.
      oracle.trusted === trusted &&
      summary.left + summary.retries + counts.deferred + counts.rebound + counts.waiting === 0;
    if (left) return "broken";
    if (plan.only === null)
      oracle.completed({
        session,
        outcomes,
        summary,
        criteria,
        maxOctets,
        trusted,
        lastCount,
        inCompany,
        last: what === "last",
      });
    return "complete";
  }

  /** True if the plan, or the history, explains that a run ends with this error. */
  #isExpected(error: unknown, plan: RunPlan, inCompany: boolean): boolean {
    if (error instanceof Unbounded) return false;
    if (error instanceof StoreUnavailableError) return plan.store !== null;
    if (error instanceof GuardFailedError) return inCompany;
    if (error instanceof Leave) return plan.leave !== null;
    if (error instanceof ServerError)
      return (
        this.#history.events.some(
          (event) => event.do === "fault" && ["cut", "forge", "leave out"].includes(event.fault),
        ) ||
        this.#history.habits.sizes === "flaky" ||
        plan.leave !== null
      );
    return false;
  }
}

function described(session: ModelSession, outcomes: readonly Outcome[], left: boolean): string {
  const listing = session.listing.map(
    ({ item, uniqueId, octets }) => `${item.mail.name}=${uniqueId}/${octets}`,
  );
  const told = outcomes.map(({ kind, messageNumber }) => `${kind} ${messageNumber}`);
  const retrieved = [...session.retrieved].map(({ mail, uniqueId }) => `${mail.name}=${uniqueId}`);
  const ending = `${left ? "broken" : "complete"}${session.hasQuit ? ", QUIT" : ""}`;
  return `  run: lists ${listing.join(" ")}; RETR ${retrieved.join(" ")}; ${told.join(", ")}; ${ending}`;
}
