import {
  type AccountOptions,
  type AccountSettings,
  AccountTokens,
  accountFailure,
  accountOptions,
  type Configuration,
  type DoctorFacts,
  databaseUrl,
  type Ending,
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
  worstEnding,
} from "@mailonce/runtime";
import { findAccountsFile } from "../../accounts/accounts-file.ts";
import { chooseAccounts } from "../../accounts/choose-accounts.ts";
import { EXIT, type ExitCode } from "../../exit-code.ts";
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
  const endings: Ending[] = [];
  for (const settings of chosen) {
    signal.throwIfAborted();
    endings.push(await examineOne(withOptions(settings, options), practice));
  }
  return EXIT[worstEnding(endings)];
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

async function examineOne(settings: AccountSettings, practice: Practice): Promise<Ending> {
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
  return judgement.ending;
}

/** @throws FailureError where a certificate cannot be saved, before anything is connected to */
async function checkSaving(file: string, chosen: readonly AccountSettings[]): Promise<void> {
  const [first, ...more] = chosen;
  if (first === undefined || more.length > 0)
    throw new FailureError(
      "usage",
      "--save-certificate saves that of one server: give one account with it",
      "usage",
    );
  if (first.account.tls === "none")
    throw new FailureError(
      "usage",
      "--save-certificate: without TLS (?tls=none) there is no certificate",
      "usage",
    );
  await refuseToOverwrite(file);
}

async function saved(file: string, { tls }: DoctorFacts): Promise<Finding> {
  const topic = "certificate-file";
  try {
    if (tls?.toTrust !== undefined) return await writeCertificate(file, tls.toTrust);
    const message = "no certificate was saved: the server has shown none";
    return { topic, verdict: "bad", message, advice: null, ending: "unavailable" };
  } catch (error) {
    const { message, kind } = failureOf(error);
    return { topic, verdict: "bad", message, advice: null, ending: kind };
  }
}

/** A judgement, and what else was done. */
function withFindings(judgement: Judgement, more: readonly Finding[]): Judgement {
  const isBad = more.some(({ verdict }) => verdict === "bad");
  return {
    verdict: isBad ? "bad" : judgement.verdict,
    ending: worstEnding([judgement.ending, ...more.map(({ ending }) => ending)]),
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
): Promise<Ending> {
  const { terminal } = invocation;
  const { code, message, kind } = failure;
  if (options.json === true) {
    const error = { code, message };
    await terminal.write(
      jsonLine({ type: "summary", maildrop, verdict: "bad", exitCode: EXIT[kind], error }),
    );
  }
  terminal.note(`mailonce: ${maildrop}: ${message}`);
  return kind;
}

async function writeJson(
  terminal: Invocation["terminal"],
  maildrop: string,
  facts: DoctorFacts,
  { findings, verdict, ending }: Judgement,
): Promise<void> {
  for (const { ending: _, ...finding } of findings) {
    await terminal.write(jsonLine({ type: "finding", maildrop, ...finding }));
  }
  await terminal.write(jsonLine({ type: "facts", maildrop, facts: shownFacts(facts) }));
  const failure =
    facts.failure?.failure ??
    (facts.database.kind === "failed" && ending !== "done" ? facts.database.failure : null);
  const error = failure === null ? null : { code: failure.code, message: failure.message };
  await terminal.write(jsonLine({ type: "summary", maildrop, verdict, exitCode: EXIT[ending], error }));
}

/** The facts of the command line's contract: a failure has the exit code of the fetch that would meet it. */
function shownFacts(facts: DoctorFacts): object {
  const { failure, database } = facts;
  return {
    ...facts,
    failure: failure && { ...failure, failure: withExitCode(failure.failure) },
    database: {
      ...database,
      ...("failure" in database ? { failure: withExitCode(database.failure) } : {}),
      ...("same" in database && database.same ? { same: withExitCode(database.same) } : {}),
    },
  };
}

function withExitCode(failure: Failure): object {
  const shown = ([name, value]: [string, unknown]) =>
    name === "kind" ? ["exitCode", EXIT[failure.kind]] : [name, value];
  return Object.fromEntries(Object.entries(failure).map(shown));
}
