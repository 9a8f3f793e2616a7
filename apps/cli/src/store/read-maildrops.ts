import type { Store } from "@mailonce/runtime";
import type { CommonOptions } from "../accounts/accounts-file.ts";
import { chosenMaildrop } from "../accounts/choose-maildrop.ts";
import type { Invocation } from "../input/invocation.ts";
import { NO_DATABASE, openToRead } from "./open-store.ts";

/** The maildrop that is read; all, where it is missing. */
export interface MaildropSelection {
  readonly maildrop?: string;
}

/** The options of commands that read what is stored of one maildrop, or of all. */
export type MaildropOptions = CommonOptions & MaildropSelection;

/**
 * Opens the database for work that only reads what is stored of one maildrop, or of all. Where there is no database yet,
 * that is said on standard error, and there is no work.
 * @param place an account's name or URL, or a maildrop's name
 * @throws FailureError (`usage`) if there is no such account or maildrop, and what the work throws
 */
export async function readMaildrops(
  place: string | undefined,
  options: MaildropOptions,
  { terminal, env }: Invocation,
  work: (store: Store, selection: MaildropSelection) => Promise<void>,
): Promise<void> {
  const { store: opened, configuration } = await openToRead(options, env);
  await using store = opened;
  const maildrop = await chosenMaildrop(place, options.maildrop, configuration, store);
  if (store === null) terminal.note(`mailonce: ${NO_DATABASE}`);
  else await work(store, maildrop === undefined ? {} : { maildrop });
}
