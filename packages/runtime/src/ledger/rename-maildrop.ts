import { DuplicateKeyError, type Leases, type Ledger, type Maildrops } from "@mailonce/core";
import { type Account, maildropName } from "../account/account-url.ts";
import type { AccountSettings } from "../account/settings.ts";
import { FailureError } from "../failure/failure-error.ts";
import { shellWord } from "../text/shell-word.ts";
import type { Addresses } from "./addresses.ts";
import { holdLease } from "./lease.ts";

/** The port to maildrops that a first run has made, and that have had no run since. */
export interface UnusedMaildrops {
  /** Takes away the maildrop of this name if it never had a run. Gives whether it was there and is gone. */
  dropUnusedMaildrop(name: string): Promise<boolean>;
}

/** A store whose maildrops can be renamed; one that never had a run stands in nobody's way. */
export type RenamingStore = Ledger & Leases & Maildrops & Partial<UnusedMaildrops>;

/**
 * Gives a maildrop another name: its messages and what is known of them stay, so nothing is downloaded again. Nobody
 * else works on it meanwhile.
 * @throws FailureError: `no-such-maildrop` and `maildrop-exists` of the kind `usage`, `in-use-here` of `busy`; the store's
 * errors
 */
export async function renameMaildrop(store: RenamingStore, from: string, to: string): Promise<void> {
  // Looked for first: taking a lease makes the maildrop.
  if ((await store.findMaildrop(from)) === null) {
    throw new FailureError("no-such-maildrop", `there is no maildrop ${from} in the database`, "usage");
  }
  if (from === to) return;
  await using lease = await holdLease(store, from);
  const maildrop = await store.findMaildrop(from);
  if (maildrop === null) return;
  const rename = (): Promise<void> => store.renameMaildrop(maildrop.id, to, lease.token);
  try {
    await rename();
  } catch (error) {
    if (!(error instanceof DuplicateKeyError)) throw error;
    // It was made by a first run that came to nothing, because its mail is in the other one.
    if ((await store.dropUnusedMaildrop?.(to)) === true) return rename();
    throw new FailureError("maildrop-exists", `there is a maildrop ${to} already`, "usage");
  }
}

/** What tells under which names mail has been fetched. */
export interface FormerNames extends Pick<Ledger, "findMaildrop"> {
  readonly addresses: Pick<Addresses, "maildropsOf">;
}

/**
 * The maildrop that has the account's mail already, if the account is to have one of its own that is not there yet:
 * then all would be downloaded again, and somebody should say first that this is wanted. It was fetched by the
 * account's bare URL, or under another name that no account has any more (`maildrops` are those of all accounts).
 * Null otherwise.
 */
export async function formerMaildrop(
  store: FormerNames,
  { name, account }: Pick<AccountSettings, "name" | "account">,
  maildrops: Iterable<string>,
): Promise<string | null> {
  const bare = maildropName(account);
  // Whoever named the maildrop has thought of it.
  if (account.maildrop !== name || account.maildrop === bare) return null;
  if ((await store.findMaildrop(account.maildrop)) !== null) return null;
  if ((await store.findMaildrop(bare)) !== null) return bare;
  const inUse = new Set(maildrops);
  return (await store.addresses.maildropsOf(bare)).find((maildrop) => !inUse.has(maildrop)) ?? null;
}

/**
 * Nobody wants all of it a second time because the account has got a name, or another one.
 * @throws FailureError (`maildrop-renamed`) that says what to do, if {@link formerMaildrop} finds one
 */
export async function refuseToFetchAgain(
  store: FormerNames,
  settings: Pick<AccountSettings, "name" | "account">,
  maildrops: Iterable<string>,
): Promise<void> {
  const former = await formerMaildrop(store, settings, maildrops);
  if (former === null) return;
  throw new FailureError(
    "maildrop-renamed",
    `the database has this mail as ${former} and would get all of it again; to go on with it, write 'maildrop:' and that name into the account, or run: ${renameCommand(former, settings.name)}`,
    "config",
  );
}

/**
 * Notes whose mail the account's maildrop holds, so that it is found when the account is called otherwise. For after a
 * run, from which it takes nothing if it fails: then it resolves to false.
 */
export async function noteAddress(
  { addresses }: { readonly addresses: Pick<Addresses, "note"> },
  account: Account,
): Promise<boolean> {
  try {
    await addresses.note(account.maildrop, maildropName(account));
    return true;
  } catch {
    return false;
  }
}

/** The command that gives a maildrop another name, as a shell takes it. */
export function renameCommand(from: string, to: string): string {
  const end = from.startsWith("-") || to.startsWith("-") ? "-- " : "";
  return `mailonce maildrop rename ${end}${shellWord(from)} ${shellWord(to)}`;
}
