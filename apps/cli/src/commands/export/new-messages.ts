import type { StoredMessage } from "@mailonce/core";
import type { StoredQuery } from "@mailonce/core/search";
import type { HeldExport, Store } from "@mailonce/runtime";
import { FailureError } from "@mailonce/runtime";
import { foundMessages } from "../../store/found-messages.ts";
import type { MaildropSelection } from "../../store/read-maildrops.ts";
import type { ExportedFile, ExportFormat, ExportTarget } from "./export-target.ts";

/** So many messages, or those of so many milliseconds, are noted at once: they may be written again after a kill. */
const BATCH = 100;
const BATCH_MS = 1000;

/** A message that was written, and noted. */
interface Written {
  readonly message: StoredMessage;
  readonly exported: ExportedFile;
}

/** The messages that the query finds, or all, without those that the export has had. */
export async function* newMessages(
  held: HeldExport,
  store: Store,
  query: StoredQuery | null,
  selection: MaildropSelection,
): AsyncGenerator<StoredMessage> {
  if (query === null) {
    yield* held.newMessages(selection.maildrop);
    return;
  }
  let some: StoredMessage[] = [];
  const unknown = async (): Promise<readonly StoredMessage[]> => {
    const had = await held.hadAmong(some.map(({ id }) => id));
    const left = some.filter(({ id }) => !had.has(id));
    some = [];
    return left;
  };
  for await (const { message } of foundMessages(store, { query, ...selection }, Number.POSITIVE_INFINITY)) {
    some.push(message);
    if (some.length === BATCH) yield* await unknown();
  }
  if (some.length > 0) yield* await unknown();
}

/**
 * Refuses to write elsewhere as long as what a run has left that was killed is not tidied up: it may have written messages
 * that are not noted, and that would be written elsewhere once more.
 * @throws FailureError (`unwritable`)
 */
export function refuseElsewhere({ progress }: HeldExport, format: ExportFormat, path: string): void {
  const { place, endedCleanly } = progress;
  if (endedCleanly || place === null || (place.path === path && place.format === format)) return;
  throw new FailureError(
    "export-unfinished",
    `the last run of this export broke off: run it once more with --format ${place.format} --to ${place.path} before it goes on elsewhere`,
    "unwritable",
  );
}

/**
 * Writes messages, and notes them some at a time, once they are on the disk. Where it ends early, for whatever reason, what
 * was written until then is noted before that is thrown.
 */
export class NotedWriter {
  readonly #held: HeldExport;
  readonly #target: ExportTarget;
  #batch: Written[] = [];
  #batchBegan = 0;

  constructor(held: HeldExport, target: ExportTarget) {
    this.#held = held;
    this.#target = target;
  }

  /** @returns what is noted by now and was not before */
  async write(message: StoredMessage): Promise<readonly Written[]> {
    await this.#held.confirm();
    if (this.#batch.length === 0) this.#batchBegan = performance.now();
    this.#batch.push({ message, exported: await this.#target.write(message) });
    const isFull = this.#batch.length >= BATCH || performance.now() - this.#batchBegan >= BATCH_MS;
    return isFull ? this.#note(false) : [];
  }

  /** To be called last. @returns what is noted by now and was not before */
  finish(): Promise<readonly Written[]> {
    return this.#note(true);
  }

  async #note(endedCleanly: boolean): Promise<readonly Written[]> {
    const progress = await this.#target.settle();
    await this.#held.note(
      this.#batch.map(({ message }) => message.id),
      { ...progress, endedCleanly },
    );
    return this.#batch.splice(0);
  }
}
