import { resolve } from "node:path";
import {
  type AccountSettings,
  accountNameOf,
  accountOf,
  allStandings,
  databaseAccount,
  databaseAccounts,
  EXIT,
  type ExitCode,
  FailureError,
  findStanding,
  NEW_STANDING,
  parseAccountUrl,
  putStanding,
  resumed,
  type Standing,
} from "@mailonce/runtime";
import { formatDuration } from "@mailonce/runtime/units";
import { NO_DATABASE } from "../../help/texts.ts";
import { formatDate } from "../../output/format.ts";
import { jsonLine } from "../../output/json-lines.ts";
import { safeLine } from "../../output/safe-text.ts";
import type { Invocation } from "../../program.ts";
import {
  findAccountsFile,
  openLedger,
  openToChange,
  openToRead,
  type PlaceOptions,
} from "../../store/open-store.ts";

/** The options that all commands of `accounts` have. */
export interface AccountsOptions extends PlaceOptions {
  readonly json?: boolean;
}

/** The options of `accounts add`. */
export interface AddAccountOptions extends AccountsOptions {
  readonly name?: string;
  readonly schedule?: string;
  readonly passwordFile?: string;
  readonly passwordEnv?: string;
  readonly settings?: string;
}

/** What the database's column holds. */
const MAX_SETTINGS = 8000;
const DEFAULT_SCHEDULE = "5m";

/** `mailonce accounts list` */
export async function listAccounts(
  options: AccountsOptions,
  { terminal, env }: Invocation,
): Promise<ExitCode> {
  const { store: opened, configuration } = await openToRead(options, env);
  await using store = opened;
  const kept = await databaseAccounts((await store?.accounts.list()) ?? []);
  const standings = store === null ? new Map<string, Standing>() : await allStandings(store.standings);
  for (const problem of kept.problems) terminal.note(`mailonce: ${safeLine(problem)}`);
  const all = [
    ...(configuration?.accounts ?? []).map((settings) => ({ settings, where: "file" as const })),
    ...kept.accounts.map((settings) => ({ settings, where: "database" as const })),
  ];
  for (const { settings, where } of all) {
    const standing = standings.get(settings.account.maildrop) ?? NEW_STANDING;
    if (options.json === true) await terminal.write(jsonLine(accountLine(settings, where, standing)));
    else {
      const { name, account } = settings;
      const server = `${safeLine(account.user)} at ${account.host} port ${account.port}`;
      await terminal.line(`${terminal.bold(safeLine(name))}  ${server}, ${when(settings)}, in the ${where}`);
      await terminal.line(`  ${standingInWords(standing)}`);
    }
  }
  if (all.length === 0 && options.json !== true) terminal.note("There are no accounts.");
  return EXIT.done;
}

/** `mailonce accounts add URL` */
export async function addAccount(
  url: string,
  options: AddAccountOptions,
  { terminal, env }: Invocation,
): Promise<ExitCode> {
  const { maildrop } = accountOf(parseAccountUrl(url), options.name);
  const name = options.name ?? accountNameOf(maildrop);
  if (name === null) throw wrong("no name for the account can be made of this URL: give one with --name");
  const entry = {
    schedule: DEFAULT_SCHEDULE,
    // By its URL the mail is kept under this name: under another one it would be fetched once more.
    ...(name === maildrop ? {} : { maildrop }),
    ...readSettings(options.settings),
    url,
    ...passwordOf(options),
    ...(options.schedule === undefined ? {} : { schedule: scheduleOf(options.schedule) }),
  };
  // Whatever is wrong is told now, not to the worker.
  const settings = await databaseAccount(name, entry);
  const text = JSON.stringify(entry);
  if (text.length > MAX_SETTINGS)
    throw wrong(`the settings are too long: ${MAX_SETTINGS} characters at most`);
  const configuration = await findAccountsFile(options, env);
  const inFile = configuration?.accounts.some((one) => one.account.maildrop === settings.account.maildrop);
  if (inFile === true) throw wrong(`the accounts file has ${settings.account.maildrop} already`);
  const { store, close } = await openLedger(options, { terminal, env }, configuration);
  try {
    const isNew = await store.accounts.add({ name: settings.name, settings: text });
    if (!isNew)
      throw wrong(`there is an account ${settings.name} already: remove it first, or give another --name`);
  } finally {
    await close();
  }
  await tell(
    options,
    { terminal },
    "add",
    settings.name,
    `${settings.name} added: fetched ${when(settings)}.`,
  );
  return EXIT.done;
}

/** `mailonce accounts remove NAME` */
export async function removeAccount(
  name: string,
  options: AccountsOptions,
  { terminal, env }: Invocation,
): Promise<ExitCode> {
  const { store: opened, configuration } = await openToChange(options, env);
  await using store = opened;
  if (store === null || !(await store.accounts.remove(name))) {
    const isInFile = configuration?.accounts.some((one) => one.name === name) === true;
    throw isInFile
      ? wrong(`${name} stands in the accounts file: take it out there`)
      : wrong(store === null ? NO_DATABASE : `the database has no account ${name}`);
  }
  await tell(options, { terminal }, "remove", name, `${name} removed; what is stored of its mail stays.`);
  return EXIT.done;
}

/** `mailonce accounts pause NAME` */
export async function pauseAccount(
  name: string,
  options: AccountsOptions & { readonly reason?: string },
  invocation: Invocation,
): Promise<ExitCode> {
  const reason = options.reason ?? "paused by hand";
  const pause = { code: "by-hand" as const, reason, digest: null };
  await changeStanding(name, options, invocation, (standing) => ({ ...standing, pause }));
  await tell(
    options,
    invocation,
    "pause",
    name,
    `${name} is paused until 'mailonce accounts resume ${name}'.`,
  );
  return EXIT.done;
}

/** `mailonce accounts resume NAME` */
export async function resumeAccount(
  name: string,
  options: AccountsOptions,
  invocation: Invocation,
): Promise<ExitCode> {
  const before = await changeStanding(name, options, invocation, resumed);
  const was = before.pause === null ? "was not paused" : "is fetched again";
  await tell(options, invocation, "resume", name, `${name} ${was}.`);
  return EXIT.done;
}

/** Changes how the account of this name, or the maildrop, stands; gives how it stood. */
async function changeStanding(
  name: string,
  options: AccountsOptions,
  { env, terminal }: Invocation,
  change: (standing: Standing) => Standing,
): Promise<Standing> {
  const configuration = await findAccountsFile(options, env);
  const { store, close } = await openLedger(options, { env, terminal }, configuration);
  try {
    const { accounts } = await databaseAccounts(await store.accounts.list());
    const known = [...(configuration?.accounts ?? []), ...accounts].find((one) => one.name === name);
    const maildrop = known?.account.maildrop ?? (await store.findMaildrop(name))?.name;
    if (maildrop === undefined) throw wrong(`there is no account ${name}`);
    await store.openMaildrop(maildrop);
    const before = await findStanding(store.standings, maildrop);
    await putStanding(store.standings, maildrop, change(before));
    // A login that was in doubt for too long gets its time anew.
    if (change === resumed) await store.logins.forgive(maildrop);
    return before;
  } finally {
    await close();
  }
}

async function tell(
  { json }: AccountsOptions,
  { terminal }: Pick<Invocation, "terminal">,
  action: string,
  name: string,
  sentence: string,
): Promise<void> {
  if (json === true) await terminal.write(jsonLine({ type: "account-change", action, name }));
  else await terminal.line(safeLine(sentence));
}

/** `{"type":"account",…}`; times in UTC. */
function accountLine(
  { name, account, schedule }: AccountSettings,
  where: string,
  standing: Standing,
): object {
  const { notBefore, lastRun, lastSuccess, failures, refusals, loginDelayMs, pause } = standing;
  return {
    type: "account",
    name,
    maildrop: account.maildrop,
    user: account.user,
    host: account.host,
    port: account.port,
    tls: account.tls,
    keptIn: where,
    schedule,
    lastRun: lastRun === null ? null : new Date(lastRun),
    lastSuccess: lastSuccess === null ? null : new Date(lastSuccess),
    notBefore: notBefore === 0 ? null : new Date(notBefore),
    failures,
    refusals,
    loginDelayMs,
    pause: pause === null ? null : { code: pause.code, reason: pause.reason },
  };
}

function when({ schedule }: AccountSettings): string {
  if (schedule === null) return "without a schedule";
  if (schedule.kind === "interval") return `every ${formatDuration(schedule.ms)}`;
  return `at ${schedule.expression}${schedule.timeZone === null ? "" : ` (${schedule.timeZone})`}`;
}

function standingInWords({ pause, failures, refusals, notBefore, lastRun, lastSuccess }: Standing): string {
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

function passwordOf({ passwordFile, passwordEnv }: AddAccountOptions): object {
  if (passwordFile !== undefined && passwordEnv !== undefined)
    throw wrong("give --password-file or --password-env, not both");
  if (passwordFile !== undefined) return { password: { file: resolve(passwordFile) } };
  return passwordEnv === undefined ? {} : { password: { env: passwordEnv } };
}

/** As the accounts file has it: an interval is one word, a cron expression five. */
function scheduleOf(text: string): unknown {
  return /^\S+(\s+\S+){4}$/.test(text.trim()) ? { cron: text.trim() } : text;
}

function readSettings(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Not quoted: a secret may stand in it by mistake.
  }
  throw wrong("--settings must be a JSON object");
}

function wrong(message: string): FailureError {
  return new FailureError("account", message, EXIT.usage);
}
