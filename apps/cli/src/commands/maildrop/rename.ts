import { renameMaildrop } from "@mailonce/runtime";
import { isMaildropName, MAILDROP_NAME_FORM, maildropName, parseAccountUrl } from "@mailonce/runtime/config";
import type { CommonOptions } from "../../accounts/accounts-file.ts";
import { isUrl } from "../../accounts/choose-accounts.ts";
import type { Invocation } from "../../input/invocation.ts";
import { usageError } from "../../input/usage-error.ts";
import { NO_DATABASE, openToChange } from "../../store/open-store.ts";

/** `mailonce maildrop rename OLD NEW` */
export async function renameStoredMaildrop(
  old: string,
  name: string,
  options: CommonOptions,
  { terminal, env }: Invocation,
): Promise<void> {
  const from = isUrl(old) ? maildropName(parseAccountUrl(old)) : old;
  if (!isMaildropName(name)) throw usageError("maildrop-name", `the new name is ${MAILDROP_NAME_FORM}`);
  await using store = (await openToChange(options, env)).store;
  if (store === null) throw usageError("no-such-maildrop", NO_DATABASE);
  await renameMaildrop(store, from, name);
  const sentence = `${from} is called ${name} now; nothing of it is downloaded again.`;
  await terminal.result(options.json, { type: "maildrop-rename", from, to: name }, sentence);
}
