import type { AccountSettings } from "@mailonce/runtime/config";
import { type AccountHealth, allHealth, databaseAccounts, NEVER_RUN } from "@mailonce/runtime/service";
import type { CommonOptions } from "../../accounts/accounts-file.ts";
import type { Invocation } from "../../input/invocation.ts";
import { formatDate } from "../../output/format.ts";
import { safeLine } from "../../output/safe-text.ts";
import { openToRead } from "../../store/open-store.ts";
import { scheduleInWords } from "./schedule-in-words.ts";

/** `mailonce accounts list` */
export async function listAccounts(options: CommonOptions, { terminal, env }: Invocation): Promise<void> {
  const { store: opened, configuration } = await openToRead(options, env);
  await using store = opened;
  const kept = await databaseAccounts((await store?.accounts.list()) ?? []);
  const standings = store === null ? new Map<string, AccountHealth>() : await allHealth(store.standings);
  for (const problem of kept.problems) terminal.note(`mailonce: ${safeLine(problem)}`);
  const all = [
    ...(configuration?.accounts ?? []).map((settings) => ({ settings, where: "file" as const })),
    ...kept.accounts.map((settings) => ({ settings, where: "database" as const })),
  ];
  for (const { settings, where } of all) {
    const health = standings.get(settings.account.maildrop) ?? NEVER_RUN;
    if (options.json === true) await terminal.json(accountLine(settings, where, health));
    else {
      const { name, account } = settings;
      const server = `${safeLine(account.user)} at ${account.host} port ${account.port}`;
      await terminal.line(
        `${terminal.bold(safeLine(name))}  ${server}, ${scheduleInWords(settings)}, in the ${where}`,
      );
      await terminal.line(`  ${healthInWords(health)}`);
    }
  }
  if (all.length === 0 && options.json !== true) terminal.note("There are no accounts.");
}

/** `{"type":"account",…}`; times in UTC. */
function accountLine(
  { name, account, schedule }: AccountSettings,
  where: string,
  health: AccountHealth,
): object {
  const { notBefore, lastRun, lastSuccess, failures, refusals, loginDelayMs, pause } = health;
  return {
    type: "account",
    name,
    maildrop: account.maildrop,
    user: account.user,
    host: account.host,
    port: account.port,
    tls: account.tls,
    keptIn: where,
    schedule: schedule ?? null,
    lastRun: lastRun === null ? null : new Date(lastRun),
    lastSuccess: lastSuccess === null ? null : new Date(lastSuccess),
    notBefore: notBefore === 0 ? null : new Date(notBefore),
    failures,
    refusals,
    loginDelayMs,
    pause: pause === null ? null : { code: pause.code, reason: pause.reason },
  };
}

function healthInWords(health: AccountHealth): string {
  const { pause, failures, refusals, notBefore, lastRun, lastSuccess } = health;
  const last = lastSuccess === null ? "never fetched" : `last fetched ${formatDate(new Date(lastSuccess))}`;
  if (pause !== null) return `paused: ${safeLine(pause.reason)} (${last})`;
  if (lastRun === null) return "not run yet";
  if (failures + refusals === 0) return last;
  const what =
    refusals > 0
      ? `login refused ${refusals === 1 ? "once" : `${refusals} times`}`
      : `failed ${failures === 1 ? "once" : `${failures} times in a row`}`;
  return `${what}, tried again from ${formatDate(new Date(notBefore))} (${last})`;
}
