import { DuplicateKeyError, type Leases, type Ledger, type Maildrops } from "@mailonce/core";
import { type Account, maildropName } from "../account/account-url.ts";
import type { AccountSettings } from "../account/settings.ts";
import { FailureError } from "../failure/failure-error.ts";
import { shellWord } from "../text/shell-word.ts";
import { holdLease } from "./lease.ts";
import type { Addresses } from "./ports.ts";

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

/** The part of a store that says under which maildrops' names mail has been fetched. */
export interface FormerNames {
  readonly addresses: Pick<Addresses, "maildropsOf">;
}

/**
 * The maildrop in which the account's mail is already, if the account's own maildrop does not exist yet: then a fetch would
 * download everything again. The mail was fetched by the account's bare URL, or while the account had another name. Null
 * if there is no such maildrop, or the account names its maildrop itself.
 * @param maildrops those of all accounts: they are not former ones
 */
export async function formerMaildrop(
  store: FormerNames,
  { name, account }: Pick<AccountSettings, "name" | "account">,
  maildrops: Iterable<string>,
): Promise<string | null> {
  const bare = maildropName(account);
  // Whoever named the maildrop has thought of it.
  if (account.maildrop !== name || account.maildrop === bare) return null;
  const there = await store.addresses.maildropsOf(bare, bare, account.maildrop);
  if (there.includes(account.maildrop)) return null;
  if (there.includes(bare)) return bare;
  const inUse = new Set(maildrops);
  return there.find((maildrop) => !inUse.has(maildrop)) ?? null;
}

/**
 * Keeps an account that was renamed from being downloaded a second time.
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
 * Notes whose mail the account's maildrop holds, so that it is found again when the account has another name. Does not
 * throw: gives false if it could not be noted.
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

/** The command line that gives a maildrop another name. */
export function renameCommand(from: string, to: string): string {
  const end = from.startsWith("-") || to.startsWith("-") ? "-- " : "";
  return `mailonce maildrop rename ${end}${shellWord(from)} ${shellWord(to)}`;
}
