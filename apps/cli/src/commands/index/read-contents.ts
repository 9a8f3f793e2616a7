import { FailureError, type Store } from "@mailonce/runtime";
import type { ContentSettings } from "@mailonce/runtime/config";
import type { Unreadable } from "@mailonce/runtime/content";

interface ReadContentsOptions {
  readonly store: Store;
  /** Null: nobody wants it. */
  readonly settings: ContentSettings | null;
  readonly rebuild: boolean;
  readonly signal: AbortSignal;
  /** Given how many messages there are to read. */
  readonly progressOf: (total: number) => (done: number) => void;
}

interface ReadContents {
  readonly indexed: number;
  readonly unreadable: readonly Unreadable[];
  /** How many messages are not indexed yet. */
  readonly left: number;
}

/** Reads what is in stored messages: those that nobody has read yet, or that an older version has read, or all. */
export async function readContents(options: ReadContentsOptions): Promise<ReadContents> {
  const { store, settings, rebuild, signal, progressOf } = options;
  if (settings === null) return { indexed: 0, unreadable: [], left: 0 };
  const { ContentReader, FACTS_VERSION, indexContents, ReaderError } = await import(
    "@mailonce/runtime/content"
  );
  const attachments = settings.attachments === "stored";
  const countWaiting = async (): Promise<number> => {
    const { waiting, claimed } = await store.contents.status(FACTS_VERSION, attachments);
    return waiting + claimed;
  };
  const total = rebuild ? (await store.contents.status(FACTS_VERSION)).messages : await countWaiting();
  await using reader = new ContentReader({ settings });
  const { indexed, unreadable } = await indexContents({
    store,
    reader,
    parser: FACTS_VERSION,
    all: true,
    attachments,
    ...(rebuild ? { rebuildBefore: await store.contents.present() } : {}),
    signal,
    onProgress: progressOf(total),
  }).catch((error: unknown) => {
    if (!(error instanceof ReaderError)) throw error;
    throw new FailureError("reader", `no message can be read: ${error.message}`, "internal", {
      cause: error,
    });
  });
  // Those of messages that are gone, or that were read anew without them.
  if (!signal.aborted) await store.contents.dropUnusedAttachments();
  return { indexed, unreadable, left: await countWaiting() };
}
