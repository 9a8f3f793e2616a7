import {
  type AccountOptions,
  type AccountSettings,
  AccountTokens,
  accountFailure,
  accountOptions,
  type Configuration,
  type DoctorFacts,
  databaseUrl,
  EXIT,
  type ExitCode,
  examine,
  type Failure,
  FailureError,
  type Finding,
  failureOf,
  type Judgement,
  judge,
  LoginMemory,
  parseProxyUrl,
  profileAdvice,
  proxyPlace,
  worstExitCode,
} from "@mailonce/runtime";
import { findAccountsFile } from "../../accounts/accounts-file.ts";
import { chooseAccounts } from "../../accounts/choose-accounts.ts";
import { watchInterrupt } from "../../input/interrupt.ts";
import type { Invocation } from "../../input/invocation.ts";
import { Passwords } from "../../input/passwords.ts";
import { jsonLine } from "../../output/json-lines.ts";
import { cut, safeLine } from "../../output/safe-text.ts";
import { wireLog } from "../../output/wire-log.ts";
import { type MailOptions, withOptions } from "../../run/run-over-accounts.ts";
import { OpenedOnce } from "../../store/opened-once.ts";
import { refuseToOverwrite, writeCertificate } from "./certificate-file.ts";
import { DoctorReport } from "./doctor-report.ts";

/** The options of doctor. */
interface DoctorCommandOptions extends MailOptions {
  /** False: no message is retrieved. */
  readonly retrieve?: boolean;
  readonly quiet?: boolean;
  /** Where to write the certificate that must be trusted. */
  readonly saveCertificate?: string;
}

/** `mailonce doctor [ACCOUNT…]`: one account after the other, and the worst exit code. */
export async function examineAccounts(
  places: readonly string[],
  options: DoctorCommandOptions,
  invocation: Invocation,
): Promise<ExitCode> {
  const { terminal, env, stdin, stderr } = invocation;
  using interrupt = watchInterrupt(terminal);
  const { signal } = interrupt;
  const configuration = await findAccountsFile(options, env);
  const chosen = chooseAccounts(places, options.maildrop, configuration);
  if (options.saveCertificate !== undefined) await checkSaving(options.saveCertificate, chosen);
  const passwordStdin = options.passwordStdin === true;
  await using database = new OpenedOnce(databaseUrl(env, options.database, configuration), env);
  const practice: Practice = {
    ...{ options, invocation, configuration, signal },
    passwords: new Passwords({ passwordStdin, env, stdin, stderr, signal }),
    database,
  };
  const exitCodes: ExitCode[] = [];
  for (const settings of chosen) {
    signal.throwIfAborted();
    exitCodes.push(await examineOne(withOptions(settings, options), practice));
  }
  return worstExitCode(exitCodes);
}

/** What the examinations of one command share. */
interface Practice {
  readonly options: DoctorCommandOptions;
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
      apart: settings.apart,
      profile: settings.profile,
      proxy: settings.proxy === null ? null : proxyPlace(parseProxyUrl(settings.proxy)),
      database: practice.database,
      maildrops: practice.configuration?.accounts.map(({ account }) => account.maildrop) ?? [],
      signal,
      ...(options.retrieve === false ? { retrieve: false } : {}),
    });
  } catch (error) {
    signal.throwIfAborted();
    return await unexamined(maildrop, accountFailure(error, settings.account), practice);
  } finally {
    terminal.status("");
  }
  const judgement = withFindings(
    judge(facts, { now: new Date(), advice: profileAdvice(settings) }),
    options.saveCertificate === undefined ? [] : [await saved(options.saveCertificate, facts)],
  );
  if (options.json === true) await writeJson(terminal, maildrop, facts, judgement);
  else await new DoctorReport(terminal).write(settings.name, judgement);
  if (options.quiet === true) {
    for (const { verdict, message } of judgement.findings) {
      if (verdict === "bad") terminal.note(`mailonce: ${settings.name}: ${message}`);
    }
  }
  return judgement.exitCode;
}

/** @throws FailureError where a certificate cannot be saved, before anything is connected to */
async function checkSaving(file: string, chosen: readonly AccountSettings[]): Promise<void> {
  const [first, ...more] = chosen;
  if (first === undefined || more.length > 0)
    throw new FailureError(
      "usage",
      "--save-certificate saves that of one server: give one account with it",
      2,
    );
  if (first.account.tls === "none")
    throw new FailureError("usage", "--save-certificate: without TLS (?tls=none) there is no certificate", 2);
  await refuseToOverwrite(file);
}

async function saved(file: string, { tls }: DoctorFacts): Promise<Finding> {
  const topic = "certificate-file";
  try {
    if (tls?.toTrust !== undefined) return await writeCertificate(file, tls.toTrust);
    const message = "no certificate was saved: the server has shown none";
    return { topic, verdict: "bad", message, advice: null, exitCode: EXIT.unavailable };
  } catch (error) {
    const { message, exitCode } = failureOf(error);
    return { topic, verdict: "bad", message, advice: null, exitCode };
  }
}

/** A judgement, and what else was done. */
function withFindings(judgement: Judgement, more: readonly Finding[]): Judgement {
  const isBad = more.some(({ verdict }) => verdict === "bad");
  return {
    verdict: isBad ? "bad" : judgement.verdict,
    exitCode: worstExitCode([judgement.exitCode, ...more.map(({ exitCode }) => exitCode)]),
    findings: [...judgement.findings, ...more],
  };
}

async function optionsOf(
  settings: AccountSettings,
  { options, invocation, configuration, signal, passwords, database }: Practice,
): Promise<AccountOptions> {
  const { env, terminal } = invocation;
  const tell = (line: string): void => terminal.note(`mailonce: ${settings.name}: ${line}`);
  // A database that cannot be opened is a finding, not the end.
  const store = settings.login.kind === "oauth2" ? await database.open().catch(() => null) : null;
  const tokens = new AccountTokens({
    ...{ env, signal, tell },
    tokens: store?.tokens ?? null,
    tokenKey: configuration?.tokenKey ?? null,
  });
  const made = await accountOptions(settings, {
    env,
    signal,
    tell,
    isTyped: passwords.areTyped,
    askPassword: () => {
      terminal.status("");
      return passwords.of(settings.account.maildrop);
    },
    onWire: options.verbose ? wireLog(terminal, null) : undefined,
    tokens: tokens.of,
  });
  return { ...made, logins: new LoginMemory(async () => (await database.open())?.logins ?? null) };
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
