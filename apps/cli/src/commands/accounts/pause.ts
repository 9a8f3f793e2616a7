import type { Store } from "@mailonce/runtime";
import { databaseAccounts, pauseByHand, resume } from "@mailonce/runtime/service";
import { type CommonOptions, findAccountsFile } from "../../accounts/accounts-file.ts";
import type { Invocation } from "../../input/invocation.ts";
import { openOrCreate } from "../../store/open-store.ts";
import { tellChange, wrongAccount } from "./change.ts";

/** `mailonce accounts pause NAME` */
export async function pauseAccount(
  name: string,
  options: CommonOptions & { readonly reason?: string },
  invocation: Invocation,
): Promise<void> {
  const reason = options.reason ?? "paused by hand";
  await ofAccount(name, options, invocation, (store, maildrop) => pauseByHand(store, maildrop, reason));
  const sentence = `${name} is paused until 'mailonce accounts resume ${name}'.`;
  await tellChange(options, invocation.terminal, "pause", name, sentence);
}

/** `mailonce accounts resume NAME` */
export async function resumeAccount(
  name: string,
  options: CommonOptions,
  invocation: Invocation,
): Promise<void> {
  const before = await ofAccount(name, options, invocation, resume);
  const sentence = `${name} ${before.pause === null ? "was not paused" : "is fetched again"}.`;
  await tellChange(options, invocation.terminal, "resume", name, sentence);
}

/** Opens the database for work on the maildrop of the account of this name, or the maildrop of this name. */
async function ofAccount<T>(
  name: string,
  options: CommonOptions,
  invocation: Invocation,
  work: (store: Store, maildrop: string) => Promise<T>,
): Promise<T> {
  const configuration = await findAccountsFile(options, invocation.env);
  await using store = await openOrCreate(options, invocation, configuration);
  const { accounts } = await databaseAccounts(await store.accounts.list());
  const known = [...(configuration?.accounts ?? []), ...accounts].find((one) => one.name === name);
  const maildrop = known?.account.maildrop ?? (await store.findMaildrop(name))?.name;
  if (maildrop === undefined) throw wrongAccount(`there is no account ${name}`);
  return await work(store, maildrop);
}
