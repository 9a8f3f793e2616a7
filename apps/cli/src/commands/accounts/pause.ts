import {
  type AccountHealth,
  databaseAccounts,
  findHealth,
  putHealth,
  resumed,
} from "@mailonce/runtime/service";
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
  const pause = { code: "by-hand" as const, reason, digest: null };
  await changeHealth(name, options, invocation, (health) => ({ ...health, pause }));
  const sentence = `${name} is paused until 'mailonce accounts resume ${name}'.`;
  await tellChange(options, invocation.terminal, "pause", name, sentence);
}

/** `mailonce accounts resume NAME` */
export async function resumeAccount(
  name: string,
  options: CommonOptions,
  invocation: Invocation,
): Promise<void> {
  const before = await changeHealth(name, options, invocation, resumed);
  const was = before.pause === null ? "was not paused" : "is fetched again";
  const sentence = `${name} ${was}.`;
  await tellChange(options, invocation.terminal, "resume", name, sentence);
}

/** Changes how the account of this name, or the maildrop, stands; gives how it stood. */
async function changeHealth(
  name: string,
  options: CommonOptions,
  { env, terminal }: Invocation,
  change: (health: AccountHealth) => AccountHealth,
): Promise<AccountHealth> {
  const configuration = await findAccountsFile(options, env);
  await using store = await openOrCreate(options, { env, terminal }, configuration);
  const { accounts } = await databaseAccounts(await store.accounts.list());
  const known = [...(configuration?.accounts ?? []), ...accounts].find((one) => one.name === name);
  const maildrop = known?.account.maildrop ?? (await store.findMaildrop(name))?.name;
  if (maildrop === undefined) throw wrongAccount(`there is no account ${name}`);
  await store.openMaildrop(maildrop);
  const before = await findHealth(store.standings, maildrop);
  await putHealth(store.standings, maildrop, change(before));
  // A login that was in doubt for too long gets its time anew.
  if (change === resumed) await store.logins.forgive(maildrop);
  return before;
}
