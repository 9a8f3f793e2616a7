import { createHash } from "node:crypto";
import type { StoredMessage } from "@mailonce/core";
import { FailureError } from "@mailonce/runtime";

/**
 * A message's octets as they come.
 * @throws FailureError (`unavailable`) at their end if they are not those that were stored
 */
export async function* intactContent(
  message: StoredMessage,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  const hash = createHash("sha256");
  for await (const octets of content) {
    hash.update(octets);
    yield octets;
  }
  if (hash.digest().equals(message.sha256)) return;
  throw new FailureError(
    "damaged-message",
    `message ${message.id} is damaged in the database: its octets do not match their SHA-256`,
    "unavailable",
  );
}
