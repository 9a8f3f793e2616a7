import { DuplicateKeyError, type MessageStore } from "@mailonce/core";
import { maildropName } from "./account-url.ts";
import type { AccountSettings } from "./config/settings.ts";
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

/**
 * The maildrop that was fetched by the account's bare URL, if the account is to have one of its own that is not there
 * yet: then all would be downloaded again, and somebody should say first that this is wanted. Null otherwise.
 */
export async function formerMaildrop(
  store: Pick<MessageStore, "findMaildrop">,
  { name, account }: Pick<AccountSettings, "name" | "account">,
): Promise<string | null> {
  const bare = maildropName(account);
  // Whoever named the maildrop has thought of it.
  if (account.maildrop !== name || account.maildrop === bare) return null;
  if ((await store.findMaildrop(account.maildrop)) !== null) return null;
  return (await store.findMaildrop(bare)) === null ? null : bare;
}

/**
 * Nobody wants all of it a second time because the account has got a name.
 * @throws FailureError (`maildrop-renamed`) that says what to do, if {@link formerMaildrop} finds one
 */
export async function refuseToFetchAgain(
  store: Pick<MessageStore, "findMaildrop">,
  settings: Pick<AccountSettings, "name" | "account">,
): Promise<void> {
  const former = await formerMaildrop(store, settings);
  if (former === null) return;
  const { name } = settings;
  throw new FailureError(
    "maildrop-renamed",
    `the database has this mail as ${former} and would get all of it again: 'mailonce maildrop rename ${former} ${name}', or write 'maildrop: ${former}' into the account`,
    EXIT.config,
  );
}
