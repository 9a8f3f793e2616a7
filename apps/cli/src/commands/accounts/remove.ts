import type { CommonOptions } from "../../accounts/accounts-file.ts";
import type { Invocation } from "../../input/invocation.ts";
import { NO_DATABASE, openToChange } from "../../store/open-store.ts";
import { tellChange, wrongAccount } from "./change.ts";

/** `mailonce accounts remove NAME` */
export async function removeAccount(
  name: string,
  options: CommonOptions,
  { terminal, env }: Invocation,
): Promise<void> {
  const { store: opened, configuration } = await openToChange(options, env);
  await using store = opened;
  if (store === null || !(await store.accounts.remove(name))) {
    const isInFile = configuration?.accounts.some((one) => one.name === name) === true;
    throw isInFile
      ? wrongAccount(`${name} stands in the accounts file: take it out there`)
      : wrongAccount(store === null ? NO_DATABASE : `the database has no account ${name}`);
  }
  const sentence = `${name} removed; what is stored of its mail stays.`;
  await tellChange(options, terminal, "remove", name, sentence);
}
