import { messageIdDigest } from "../values/message-id-digest.ts";
import type { NewContent } from "./derived-content.ts";

/** So many of the message-ids that a message answers are kept: the first one, and the last ones. */
const MOST_REFERENCES = 20;

/** The digests of message-ids by which a message belongs to a conversation. */
export interface ReferenceDigests {
  /** Of its own; null if it has none. */
  readonly own: Uint8Array | null;
  /** Of those that it answers: the beginning of the conversation first, what it answers directly last; none twice. */
  readonly answered: readonly Uint8Array[];
}

/**
 * The message-ids of References; that of In-Reply-To comes last if it is none of them, because it is then what the message
 * answers directly. A message does not answer itself.
 */
export function referenceDigests({
  messageId = null,
  inReplyTo,
  references,
}: Pick<NewContent, "messageId" | "inReplyTo" | "references">): ReferenceDigests {
  const all = inReplyTo === null || references.includes(inReplyTo) ? references : [...references, inReplyTo];
  const others = all.filter((id) => id !== messageId);
  // Of one that is named twice the last place counts.
  const once = [...new Set(others.toReversed())].toReversed();
  const kept =
    once.length <= MOST_REFERENCES ? once : [...once.slice(0, 1), ...once.slice(1 - MOST_REFERENCES)];
  return {
    own: messageId === null ? null : messageIdDigest(messageId),
    answered: kept.map(messageIdDigest),
  };
}
