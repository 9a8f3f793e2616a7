import type { Ledger, Maildrops } from "@mailonce/core";
import { type Configuration, didYouMean } from "@mailonce/runtime/config";
import { usageError } from "../input/usage-error.ts";
import { accountByUrl, accountNamed, isUrl } from "./choose-accounts.ts";

/**
 * The maildrop's name that `--maildrop` gives, or that a word of the command line leads to: an account's name or URL, or
 * the maildrop's own name. Undefined if there is neither: then all maildrops are meant.
 * @throws FailureError (`usage`) if there is no such account and no such maildrop
 */
export async function chosenMaildrop(
  place: string | undefined,
  maildrop: string | undefined,
  configuration: Configuration | null,
  store: MaildropNames | null,
): Promise<string | undefined> {
  if (maildrop !== undefined) return storedMaildrop(maildrop, store);
  if (place === undefined) return undefined;
  if (isUrl(place)) return accountByUrl(place, configuration).account.maildrop;
  const settings = configuration === null ? undefined : accountNamed(configuration, place);
  if (settings !== undefined) return settings.account.maildrop;
  if (store === null || (await store.findMaildrop(place)) !== null) return place;
  const names = (await store.maildrops()).map(({ name }) => name);
  const meant = didYouMean(place, [...names, ...(configuration?.accounts ?? []).map(({ name }) => name)]);
  throw usageError("unknown-account", `there is neither an account nor a maildrop ${place}${meant}`);
}

async function storedMaildrop(name: string, store: MaildropNames | null): Promise<string> {
  if (store === null || (await store.findMaildrop(name)) !== null) return name;
  const meant = didYouMean(
    name,
    (await store.maildrops()).map((one) => one.name),
  );
  throw usageError(
    "unknown-maildrop",
    `there is no maildrop ${name}${meant || "; 'mailonce maildrop list' shows them"}`,
  );
}

/** The part of a store that knows the names of the maildrops. */
type MaildropNames = Pick<Ledger, "findMaildrop"> & Pick<Maildrops, "maildrops">;
