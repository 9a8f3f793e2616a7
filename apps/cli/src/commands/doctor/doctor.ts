import {
  type AccountOptions,
  accountFailure,
  databaseUrl,
  type Ending,
  type Failure,
  LoginMemory,
  worstEnding,
} from "@mailonce/runtime";
import {
  type AccountSettings,
  type Configuration,
  parseProxyUrl,
  proxyPlace,
} from "@mailonce/runtime/config";
import { type DoctorFacts, examine, type Judgement, judge, profileAdvice } from "@mailonce/runtime/doctor";
import { AccountConnections } from "../../accounts/account-connections.ts";
import { findAccountsFile } from "../../accounts/accounts-file.ts";
import { chooseAccounts } from "../../accounts/choose-accounts.ts";
import { type MailOptions, withOptions } from "../../accounts/mail-options.ts";
import { watchInterrupt } from "../../input/interrupt.ts";
import type { Invocation } from "../../input/invocation.ts";
import { EXIT, type ExitCode } from "../../output/exit-code.ts";
import { cut, safeLine } from "../../output/safe-text.ts";
import type { Terminal } from "../../output/terminal.ts";
import { OpenedOnce } from "../../store/opened-once.ts";
import { refuseToSave, savedCertificate } from "./certificate-file.ts";
import { DoctorReport } from "./doctor-report.ts";

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
  const { terminal, env } = invocation;
  using interrupt = watchInterrupt(terminal);
  const { signal } = interrupt;
  const configuration = await findAccountsFile(options, env);
  const chosen = chooseAccounts(places, options.maildrop, configuration);
  if (options.saveCertificate !== undefined) await refuseToSave(options.saveCertificate, chosen);
  await using database = new OpenedOnce(databaseUrl(env, options.database, configuration), env);
  const connections = new AccountConnections({ invocation, signal, configuration, options });
  const shared: Shared = { options, terminal, configuration, signal, connections, database };
  const endings: Ending[] = [];
  for (const settings of chosen) {
    signal.throwIfAborted();
    endings.push(await examineOne(withOptions(settings, options), shared));
  }
  return EXIT[worstEnding(endings)];
}

/** What the examinations of one command share. */
interface Shared {
  readonly options: DoctorCommandOptions;
  readonly terminal: Terminal;
  readonly configuration: Configuration | null;
  readonly signal: AbortSignal;
  readonly connections: AccountConnections;
  readonly database: OpenedOnce;
}

async function examineOne(settings: AccountSettings, shared: Shared): Promise<Ending> {
  const { options, terminal, signal } = shared;
  const { maildrop } = settings.account;
  let facts: DoctorFacts;
  try {
    const status = `${safeLine(maildrop)}: connecting, listing, trying`;
    terminal.status(cut(status, terminal.statusColumns - 1));
    facts = await examine({
      ...(await optionsOf(settings, shared)),
      name: settings.name,
      apart: settings.apart,
      profile: settings.profile,
      proxy: settings.proxy === undefined ? null : proxyPlace(parseProxyUrl(settings.proxy)),
      database: shared.database,
      maildrops: shared.configuration?.accounts.map(({ account }) => account.maildrop) ?? [],
      signal,
      ...(options.retrieve === false ? { retrieve: false } : {}),
    });
  } catch (error) {
    signal.throwIfAborted();
    return await unexamined(maildrop, accountFailure(error, settings.account), shared);
  } finally {
    terminal.status("");
  }
  const { saveCertificate } = options;
  const more = saveCertificate === undefined ? [] : [await savedCertificate(saveCertificate, facts)];
  const judgement = judge(facts, { now: new Date(), advice: profileAdvice(settings), more });
  if (options.json === true) await writeJson(terminal, maildrop, facts, judgement);
  else await new DoctorReport(terminal).write(settings.name, judgement);
  if (options.quiet === true) {
    for (const { verdict, message } of judgement.findings) {
      if (verdict === "bad") terminal.note(`mailonce: ${settings.name}: ${message}`);
    }
  }
  return judgement.ending;
}

async function optionsOf(
  settings: AccountSettings,
  { terminal, connections, database }: Shared,
): Promise<AccountOptions> {
  // If the database cannot be opened the examination goes on, and tells of it as of one more finding.
  const store = settings.login.kind === "oauth2" ? await database.open().catch(() => null) : null;
  const made = await connections.options(settings, {
    tokens: connections.tokens(settings, store?.tokens ?? null),
    askPassword: () => {
      terminal.status("");
      return connections.passwords.of(settings.account.maildrop);
    },
  });
  return { ...made, logins: new LoginMemory(async () => (await database.open())?.logins ?? null) };
}

/** Tells why an account cannot even be examined: its settings are wrong, or it has no password. Gives how it ended. */
async function unexamined(
  maildrop: string,
  failure: Failure,
  { options, terminal }: Shared,
): Promise<Ending> {
  const { code, message, kind } = failure;
  if (options.json === true) {
    const error = { code, message };
    await terminal.json({ type: "summary", maildrop, verdict: "bad", exitCode: EXIT[kind], error });
  }
  terminal.note(`mailonce: ${maildrop}: ${message}`);
  return kind;
}

async function writeJson(
  terminal: Terminal,
  maildrop: string,
  facts: DoctorFacts,
  { findings, verdict, ending }: Judgement,
): Promise<void> {
  for (const { ending: _, ...finding } of findings) {
    await terminal.json({ type: "finding", maildrop, ...finding });
  }
  await terminal.json({ type: "facts", maildrop, facts: shownFacts(facts) });
  const failure =
    facts.failure?.failure ??
    (facts.database.kind === "failed" && ending !== "done" ? facts.database.failure : null);
  const error = failure === null ? null : { code: failure.code, message: failure.message };
  await terminal.json({ type: "summary", maildrop, verdict, exitCode: EXIT[ending], error });
}

/** The facts as `--json` has them: with each failure stands the exit code of a fetch that meets it. */
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
