import { columnsOf } from "@mailonce/content/columns";
import {
  EXIT,
  type ExitCode,
  FailureError,
  isMaildropName,
  MAILDROP_NAME_FORM,
  maildropName,
  parseAccountUrl,
  renameMaildrop,
} from "@mailonce/runtime";
import { isUrl } from "../../accounts/choose-accounts.ts";
import { NO_DATABASE } from "../../help/texts.ts";
import { formatDate, formatNumber } from "../../output/format.ts";
import { jsonLine } from "../../output/json-lines.ts";
import { fit, safeLine } from "../../output/safe-text.ts";
import type { Invocation } from "../../program.ts";
import { openToChange, openToRead, type PlaceOptions } from "../../store/open-store.ts";

/** The options of the commands of `maildrop`. */
export interface MaildropOptions extends PlaceOptions {
  readonly json?: boolean;
}

/** `mailonce maildrop list` */
export async function listMaildrops(
  options: MaildropOptions,
  { terminal, env }: Invocation,
): Promise<ExitCode> {
  const { store: opened, configuration } = await openToRead(options, env);
  await using store = opened;
  if (store === null) {
    terminal.note(`mailonce: ${NO_DATABASE}`);
    return EXIT.done;
  }
  const rows = (await store.maildrops()).map(({ name, lastCount, lastRun, pauseReason }) => ({
    name,
    listed: lastCount,
    lastRun,
    pauseReason,
    account: configuration?.accounts.find(({ account }) => account.maildrop === name)?.name ?? null,
  }));
  if (options.json === true) {
    for (const row of rows) await terminal.write(jsonLine({ type: "maildrop", ...row }));
    return EXIT.done;
  }
  if (rows.length === 0) {
    terminal.note("There are no maildrops.");
    return EXIT.done;
  }
  const width = Math.max("MAILDROP".length, ...rows.map(({ name }) => columnsOf(safeLine(name))));
  const line = (name: string, listed: string, lastRun: string, rest: string): Promise<void> =>
    terminal.line(`${fit(name, width)}  ${listed.padStart(9)}  ${lastRun.padEnd(16)}  ${rest}`);
  await line("MAILDROP", "ON SERVER", "LAST RUN", "ACCOUNT");
  for (const { name, listed, lastRun, account, pauseReason } of rows) {
    const paused = pauseReason === null ? "" : ` (paused: ${safeLine(pauseReason)})`;
    await line(safeLine(name), formatNumber(listed), formatDate(lastRun), `${account ?? "–"}${paused}`);
  }
  return EXIT.done;
}

/** `mailonce maildrop rename OLD NEW` */
export async function renameStoredMaildrop(
  old: string,
  name: string,
  options: MaildropOptions,
  { terminal, env }: Invocation,
): Promise<ExitCode> {
  const from = isUrl(old) ? maildropName(parseAccountUrl(old)) : old;
  if (!isMaildropName(name))
    throw new FailureError("maildrop-name", `the new name is ${MAILDROP_NAME_FORM}`, EXIT.usage);
  await using store = (await openToChange(options, env)).store;
  if (store === null) throw new FailureError("no-such-maildrop", NO_DATABASE, EXIT.usage);
  await renameMaildrop(store, from, name);
  if (options.json === true) await terminal.write(jsonLine({ type: "maildrop-rename", from, to: name }));
  else await terminal.line(safeLine(`${from} is called ${name} now; nothing of it is downloaded again.`));
  return EXIT.done;
}
