import { ContentRefusedError, MailonceError } from "../errors.ts";
import { listedMessage } from "../listing/candidate.ts";
import { readHeader } from "../message/header.ts";
import { DECODER_VERSION } from "../message/version.ts";
import type { Finding } from "../report/findings.ts";
import type { RunState } from "../report/run-state.ts";
import type { Retrieved } from "../retrieve/retrieval.ts";
import { decisionOf } from "../select/selection.ts";
import type { Arrival } from "./arrival.ts";
import { defer, type Failure } from "./defer.ts";
import { MessageIds } from "./message-ids.ts";
import { remember, type Settled, Settling } from "./settle.ts";

/** A batch is committed once it has this many messages, */
const BATCH_MESSAGES = 200;
/** or this many octets, */
const BATCH_OCTETS = 8 * 1024 * 1024;
/** or is this old, in milliseconds. */
const BATCH_AGE_MS = 2000;

interface Batch {
  readonly retrieved: Retrieved[];
  readonly failures: Failure[];
  octets: number;
  readonly since: Date;
}

/**
 * Writes retrieved messages into the ledger, one batch in each transaction, while the next batch arrives. At most one
 * transaction is under way, so at most two batches are in memory.
 */
export class Recorder {
  readonly #run: RunState;
  readonly #ids = new MessageIds();
  #batch: Batch;
  #underWay: Promise<readonly Finding[]> | null = null;
  #readsFirst = false;
  #lost = 0;

  constructor(run: RunState) {
    this.#run = run;
    this.#batch = emptyBatch(run.now());
  }

  /** From now on each transaction reads before it writes. The first duplicate key has the same effect. */
  readFirst(): void {
    this.#readsFirst = true;
  }

  /** Number of messages that were retrieved in this session and are not in the ledger as stored or skipped. */
  get unrecorded(): number {
    return this.#lost + this.#batch.retrieved.length;
  }

  /** Adds a message to the batch. The recorder discards its content. */
  add(retrieved: Retrieved): void {
    this.#batch.retrieved.push(retrieved);
    this.#batch.octets += retrieved.content.octets;
  }

  /** Adds a message that could not be retrieved: it is deferred when the batch is committed. */
  addFailure(failure: Failure & { readonly arrivedAnyway?: boolean }): void {
    this.#batch.failures.push(failure);
    if (failure.arrivedAnyway) this.#lost++;
  }

  get isBatchFull(): boolean {
    const { retrieved, failures, octets, since } = this.#batch;
    const count = retrieved.length + failures.length;
    if (count === 0) return false;
    if (count >= BATCH_MESSAGES || octets >= BATCH_OCTETS) return true;
    const age = this.#run.now().getTime() - since.getTime();
    // With a clock that was set back nobody knows how old the batch is.
    return age > BATCH_AGE_MS || age < 0;
  }

  /** Waits until the batch before is committed, then starts to commit this one. Gives the findings of the one before. */
  async rotate(): Promise<readonly Finding[]> {
    const findings = (await this.#underWay) ?? [];
    const batch = this.#batch;
    this.#batch = emptyBatch(this.#run.now());
    this.#underWay = batch.retrieved.length + batch.failures.length === 0 ? null : this.#commit(batch);
    // The next call of `rotate` throws its error; until then it must not count as an unhandled rejection.
    this.#underWay?.catch(() => {});
    return findings;
  }

  /** Commits everything that was added, and gives the findings of all that was not given before. */
  async flush(): Promise<readonly Finding[]> {
    const before = await this.rotate();
    const last = await this.rotate();
    return [...before, ...last];
  }

  /** Discards the contents that were added and never committed. */
  async discard(): Promise<void> {
    await discardContents(this.#batch.retrieved.splice(0));
  }

  async #commit(batch: Batch): Promise<readonly Finding[]> {
    const now = this.#run.now();
    const arrivals = batch.retrieved.map((retrieved) => this.#arrival(retrieved, now));
    this.#lost += arrivals.length;
    try {
      const settled = await this.#settle(arrivals, batch.failures);
      return [...settled.map((one) => this.#finding(one)), ...batch.failures.map(deferredFinding)];
    } catch (error) {
      if (!isContentsFault(error)) throw error;
      return [...(await this.#settleSingly(arrivals, error)), ...(await this.#deferAll(batch.failures))];
    } finally {
      await discardContents(batch.retrieved);
    }
  }

  /** Settles each message in a transaction of its own, as one of the batch cannot be stored; defers what is refused. */
  async #settleSingly(arrivals: readonly Arrival[], batchError: unknown): Promise<readonly Finding[]> {
    const findings: Finding[] = [];
    const refused: Failure[] = [];
    let plainError: unknown = null;
    for (const arrival of arrivals) {
      try {
        const [settled] = await this.#settle([arrival], []);
        if (settled !== undefined) findings.push(this.#finding(settled));
      } catch (error) {
        if (!isContentsFault(error)) throw error;
        if (!(error instanceof ContentRefusedError)) plainError ??= error;
        refused.push({ candidate: arrival.candidate, reason: refusal(error) });
      }
    }
    // A store that has taken nothing at all in this run has a fault of its own, for which no message is to blame.
    const nothingTaken = findings.length === 0 && this.#run.report.count("stored") === 0;
    if (plainError !== null && nothingTaken) throw plainError ?? batchError;
    return [...findings, ...(await this.#deferAll(refused))];
  }

  async #deferAll(failures: readonly Failure[]): Promise<readonly Finding[]> {
    if (failures.length === 0) return [];
    await this.#run.transact((tx) => defer(this.#run, tx, failures));
    return failures.map(deferredFinding);
  }

  async #settle(arrivals: readonly Arrival[], failures: readonly Failure[]): Promise<readonly Settled[]> {
    const plain = arrivals.every(({ candidate }) => candidate.why === "unknown");
    const settled = await this.#run.transact(async (tx, attempt) => {
      if (attempt > 0) this.readFirst();
      const result = await new Settling(this.#run).settle(tx, arrivals, this.#readsFirst || !plain);
      await defer(this.#run, tx, failures);
      return result;
    });
    remember(this.#run, settled);
    this.#lost -= arrivals.length;
    return settled;
  }

  /** @param now when its batch is committed */
  #arrival({ candidate, content, digests }: Retrieved, now: Date): Arrival {
    const header = readHeader(digests.header);
    return {
      candidate,
      digests,
      // Rule 26: what is here and not wanted yet is stored. QUIT may hide it, and it could not be had again.
      accepted: decisionOf(this.#run, candidate, digests.header, null) !== false,
      message: {
        id: this.#ids.next(now),
        digest: digests.digest,
        sha256: digests.sha256,
        octets: digests.octets,
        messageIdHeader: header.messageId,
        subject: header.subject,
        from: header.from,
        to: header.to,
        date: header.date,
        dateKind: header.dateKind,
        attachments: header.attachments,
        decoder: DECODER_VERSION,
        storedAt: now,
        hooks: this.#run.hooks,
        content,
      },
    };
  }

  #finding({ arrival, kind, messageId }: Settled): Finding {
    const { candidate } = arrival;
    const listed = listedMessage(candidate, arrival.digests.octets);
    if (kind === "known") return { candidate, outcome: null };
    if (kind === "skipped") return { candidate, outcome: { kind, ...listed } };
    if (kind === "rebound") return { candidate, outcome: { kind, ...listed, id: messageId } };
    const { id, messageIdHeader, subject, from, to, date, dateKind, attachments } = arrival.message;
    const fields = { messageId: messageIdHeader, subject, from, to, date, dateKind };
    const header = { ...fields, attachments: attachments === true };
    return { candidate, outcome: { kind, ...listed, id, header } };
  }
}

async function discardContents(retrieved: readonly Retrieved[]): Promise<void> {
  for (const { content } of retrieved) {
    const discarding = content.discard();
    if (discarding !== undefined) await discarding;
  }
}

function deferredFinding({ candidate, reason }: Failure): Finding {
  return { candidate, outcome: { kind: "deferred", ...listedMessage(candidate), reason } };
}

function emptyBatch(since: Date): Batch {
  return { retrieved: [], failures: [], octets: 0, since };
}

function isContentsFault(error: unknown): boolean {
  return (
    error instanceof ContentRefusedError || (error instanceof MailonceError && error.code === "store-failed")
  );
}

function refusal(error: unknown): { readonly code: string; readonly message: string } {
  return {
    code: "store-refused",
    message: error instanceof Error ? error.message : "the database refused it",
  };
}
