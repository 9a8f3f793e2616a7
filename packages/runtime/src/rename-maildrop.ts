import { DuplicateKeyError, type MessageStore } from "@mailonce/core";
import { EXIT } from "./exit-code.ts";
import { FailureError } from "./failure-error.ts";
import { holdLease } from "./lease.ts";

/**
 * Gives a maildrop another name: its messages and what is known of them stay, so nothing is downloaded again. Nobody
 * else works on it meanwhile.
 * @throws FailureError: `no-such-maildrop` and `maildrop-exists` with exit code 2, `in-use-here` with 75; the store's
 * errors
 */
export async function renameMaildrop(store: MessageStore, from: string, to: string): Promise<void> {
  // Looked for first: taking a lease makes the maildrop.
  if ((await store.findMaildrop(from)) === null) {
    throw new FailureError("no-such-maildrop", `there is no maildrop ${from} in the database`, EXIT.usage);
  }
  if (from === to) return;
  await using lease = await holdLease(store, from);
  const maildrop = await store.findMaildrop(from);
  try {
    if (maildrop !== null) await store.renameMaildrop(maildrop.id, to, lease.token);
  } catch (error) {
    if (!(error instanceof DuplicateKeyError)) throw error;
    throw new FailureError("maildrop-exists", `there is a maildrop ${to} already`, EXIT.usage);
  }
}
