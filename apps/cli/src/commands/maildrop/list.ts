import { columnsOf } from "@mailonce/content/columns";
import type { CommonOptions } from "../../accounts/accounts-file.ts";
import type { Invocation } from "../../input/invocation.ts";
import { formatDate, formatNumber } from "../../output/format.ts";
import { fit, safeLine } from "../../output/safe-text.ts";
import { NO_DATABASE, openToRead } from "../../store/open-store.ts";

/** `mailonce maildrop list` */
export async function listMaildrops(options: CommonOptions, { terminal, env }: Invocation): Promise<void> {
  const { store: opened, configuration } = await openToRead(options, env);
  await using store = opened;
  if (store === null) {
    terminal.note(`mailonce: ${NO_DATABASE}`);
    return;
  }
  const rows = (await store.maildrops()).map(({ name, lastCount, lastRun, pauseReason }) => ({
    name,
    listed: lastCount,
    lastRun,
    pauseReason,
    account: configuration?.accounts.find(({ account }) => account.maildrop === name)?.name ?? null,
  }));
  if (options.json === true) {
    for (const row of rows) await terminal.json({ type: "maildrop", ...row });
    return;
  }
  if (rows.length === 0) {
    terminal.note("There are no maildrops.");
    return;
  }
  const width = Math.max("MAILDROP".length, ...rows.map(({ name }) => columnsOf(safeLine(name))));
  const line = (name: string, listed: string, lastRun: string, rest: string): Promise<void> =>
    terminal.line(`${fit(name, width)}  ${listed.padStart(9)}  ${lastRun.padEnd(16)}  ${rest}`);
  await line("MAILDROP", "ON SERVER", "LAST RUN", "ACCOUNT");
  for (const { name, listed, lastRun, account, pauseReason } of rows) {
    const paused = pauseReason === null ? "" : ` (paused: ${safeLine(pauseReason)})`;
    await line(safeLine(name), formatNumber(listed), formatDate(lastRun), `${account ?? "–"}${paused}`);
  }
}
