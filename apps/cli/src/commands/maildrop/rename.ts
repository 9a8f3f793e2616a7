import {
  FailureError,
  isMaildropName,
  MAILDROP_NAME_FORM,
  maildropName,
  parseAccountUrl,
  renameMaildrop,
} from "@mailonce/runtime";
import type { CommonOptions } from "../../accounts/accounts-file.ts";
import { isUrl } from "../../accounts/choose-accounts.ts";
import { EXIT, type ExitCode } from "../../exit-code.ts";
import type { Invocation } from "../../input/invocation.ts";
import { jsonLine } from "../../output/json-lines.ts";
import { safeLine } from "../../output/safe-text.ts";
import { NO_DATABASE, openToChange } from "../../store/open-store.ts";

/** `mailonce maildrop rename OLD NEW` */
export async function renameStoredMaildrop(
  old: string,
  name: string,
  options: CommonOptions,
  { terminal, env }: Invocation,
): Promise<ExitCode> {
  const from = isUrl(old) ? maildropName(parseAccountUrl(old)) : old;
  if (!isMaildropName(name))
    throw new FailureError("maildrop-name", `the new name is ${MAILDROP_NAME_FORM}`, "usage");
  await using store = (await openToChange(options, env)).store;
  if (store === null) throw new FailureError("no-such-maildrop", NO_DATABASE, "usage");
  await renameMaildrop(store, from, name);
  if (options.json === true) await terminal.write(jsonLine({ type: "maildrop-rename", from, to: name }));
  else await terminal.line(safeLine(`${from} is called ${name} now; nothing of it is downloaded again.`));
  return EXIT.done;
}
