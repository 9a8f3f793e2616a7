import {
  type AccountSettings,
  AccountTokens,
  accountOptions,
  type Configuration,
  type DoctorFacts,
  databaseUrl,
  type ExitCode,
  examine,
  type Failure,
  failureOf,
  inspectDatabase,
  type Judgement,
  judge,
  openExistingDatabase,
  parseProxyUrl,
  profileAdvice,
  proxyPlace,
  type StoreInspection,
  worstExitCode,
} from "@mailonce/runtime";
import { chooseAccounts } from "../accounts.ts";
import { DoctorReport } from "../doctor-report.ts";
import { watchInterrupt } from "../interrupt.ts";
import { jsonLine } from "../json-lines.ts";
import { type ExistingStore, findAccountsFile } from "../ledger-settings.ts";
import { type MailOptions, withOptions } from "../mail-run.ts";
import { Passwords } from "../password.ts";
import type { Invocation } from "../program.ts";
import { cut, safeLine } from "../safe-text.ts";
import { wireLog } from "../wire-log.ts";

/** The options of doctor. */
export interface DoctorOptions extends MailOptions {
  /** False: no message is retrieved. */
  readonly retrieve?: boolean;
  readonly quiet?: boolean;
}

/** `mailonce doctor [ACCOUNT…]`: one account after the other, and the worst exit code. */
export async function examineAccounts(
  places: readonly string[],
  options: DoctorOptions,
  invocation: Invocation,
): Promise<ExitCode> {
  const { terminal, env, stdin, stderr } = invocation;
  using interrupt = watchInterrupt(terminal);
  const { signal } = interrupt;
  const configuration = await findAccountsFile(options, env);
  const chosen = chooseAccounts(places, options.maildrop, configuration);
  const passwordStdin = options.passwordStdin === true;
  const practice: Practice = {
    ...{ options, invocation, configuration, signal },
    passwords: new Passwords({ passwordStdin, env, stdin, stderr, signal }),
    database: new OpenedOnce(databaseUrl(env, options.database, configuration), env),
  };
  try {
    const exitCodes: ExitCode[] = [];
    for (const settings of chosen) {
      signal.throwIfAborted();
      exitCodes.push(await examineOne(withOptions(settings, options), practice));
    }
    return worstExitCode(exitCodes);
  } finally {
    await practice.database.close();
  }
}

/** What the examinations of one command share. */
interface Practice {
  readonly options: DoctorOptions;
  readonly invocation: Invocation;
  readonly configuration: Configuration | null;
  readonly signal: AbortSignal;
  readonly passwords: Passwords;
  readonly database: OpenedOnce;
}

async function examineOne(settings: AccountSettings, practice: Practice): Promise<ExitCode> {
  const { options, invocation, signal } = practice;
  const { terminal } = invocation;
  const { maildrop } = settings.account;
  let facts: DoctorFacts;
  try {
    const status = `${safeLine(maildrop)}: connecting, listing, trying`;
    terminal.status(cut(status, terminal.statusColumns - 1));
    facts = await examine({
      ...(await optionsOf(settings, practice)),
      name: settings.name,
      profile: settings.profile,
      proxy: settings.proxy === null ? null : proxyPlace(parseProxyUrl(settings.proxy)),
      database: practice.database,
      maildrops: practice.configuration?.accounts.map(({ account }) => account.maildrop) ?? [],
      signal,
      ...(options.retrieve === false ? { retrieve: false } : {}),
    });
  } catch (error) {
    signal.throwIfAborted();
    return await unexamined(maildrop, failureOf(error, settings.account), practice);
  } finally {
    terminal.status("");
  }
  const judgement = judge(facts, { now: new Date(), advice: profileAdvice(settings) });
  if (options.json === true) await writeJson(terminal, maildrop, facts, judgement);
  else await new DoctorReport(terminal).write(settings.name, judgement);
  if (options.quiet === true) {
    for (const { verdict, message } of judgement.findings) {
      if (verdict === "bad") terminal.note(`mailonce: ${settings.name}: ${message}`);
    }
  }
  return judgement.exitCode;
}

async function optionsOf(
  settings: AccountSettings,
  { options, invocation, configuration, signal, passwords, database }: Practice,
): ReturnType<typeof accountOptions> {
  const { env, terminal } = invocation;
  const tell = (line: string): void => terminal.note(`mailonce: ${settings.name}: ${line}`);
  // A database that cannot be opened is a finding, not the end.
  const store = settings.login.kind === "oauth2" ? await database.open().catch(() => null) : null;
  const tokens = new AccountTokens({
    ...{ env, signal, tell },
    tokens: store?.tokens ?? null,
    tokenKey: configuration?.tokenKey ?? null,
  });
  return await accountOptions(settings, {
    env,
    signal,
    tell,
    askPassword: () => {
      terminal.status("");
      return passwords.of(settings.account.maildrop);
    },
    onWire: options.verbose ? wireLog(terminal, null) : undefined,
    tokens: tokens.of,
  });
}

/** The account's own settings do not allow for an examination. */
async function unexamined(
  maildrop: string,
  failure: Failure,
  { options, invocation }: Practice,
): Promise<ExitCode> {
  const { terminal } = invocation;
  const { code, message, exitCode } = failure;
  if (options.json === true) {
    const error = { code, message };
    await terminal.write(jsonLine({ type: "summary", maildrop, verdict: "bad", exitCode, error }));
  }
  terminal.note(`mailonce: ${maildrop}: ${message}`);
  return exitCode;
}

async function writeJson(
  terminal: Invocation["terminal"],
  maildrop: string,
  facts: DoctorFacts,
  { findings, verdict, exitCode }: Judgement,
): Promise<void> {
  for (const { exitCode: _, ...finding } of findings) {
    await terminal.write(jsonLine({ type: "finding", maildrop, ...finding }));
  }
  await terminal.write(jsonLine({ type: "facts", maildrop, facts }));
  const failure =
    facts.failure?.failure ??
    (facts.database.kind === "failed" && exitCode !== 0 ? facts.database.failure : null);
  const error = failure === null ? null : { code: failure.code, message: failure.message };
  await terminal.write(jsonLine({ type: "summary", maildrop, verdict, exitCode, error }));
}

/** The database, looked at and opened when it is first wanted, once; it is for all accounts. */
class OpenedOnce {
  readonly place: string;
  readonly #open: () => Promise<ExistingStore>;
  readonly #inspect: () => Promise<StoreInspection>;
  #opened: Promise<ExistingStore> | null = null;
  #inspected: Promise<StoreInspection> | null = null;

  constructor(url: string, env: NodeJS.ProcessEnv) {
    // A database's URL may hold its password.
    this.place = url.replace(/^([a-z]+:\/\/)[^/]*@/i, "$1").replace(/\?.*$/s, "");
    this.#open = () => openExistingDatabase(url, env);
    this.#inspect = () => inspectDatabase(url, env);
  }

  inspect = (): Promise<StoreInspection> => {
    this.#inspected ??= this.#inspect();
    return this.#inspected;
  };

  open = (): Promise<ExistingStore> => {
    this.#opened ??= this.#open();
    return this.#opened;
  };

  async close(): Promise<void> {
    const store = await this.#opened?.catch(() => null);
    await store?.[Symbol.asyncDispose]();
  }
}
