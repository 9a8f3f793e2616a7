import { createReadStream } from "node:fs";
import {
  CriteriaSyntaxError,
  compileCriteria,
  type HeaderAndOctets,
  headerEnd,
  type QueryCriteria,
  readHeader,
} from "@mailonce/core";
import {
  type AccountSettings,
  AccountTokens,
  accountFailure,
  accountOptions,
  databaseUrl,
  explainAccount,
  FailureError,
  failureOf,
  LoginMemory,
  reachServer,
} from "@mailonce/runtime";
import { findAccountsFile } from "../../accounts/accounts-file.ts";
import { chooseAccounts } from "../../accounts/choose-accounts.ts";
import { chosenMaildrop } from "../../accounts/choose-maildrop.ts";
import { EXIT, type ExitCode } from "../../exit-code.ts";
import { watchInterrupt } from "../../input/interrupt.ts";
import type { Invocation } from "../../input/invocation.ts";
import { Passwords } from "../../input/passwords.ts";
import { shortId } from "../../output/message-columns.ts";
import { noteFailure } from "../../output/reporter.ts";
import { safeLine } from "../../output/safe-text.ts";
import { wireLog } from "../../output/wire-log.ts";
import { type MailOptions, withOptions } from "../../run/run-over-accounts.ts";
import { NO_DATABASE, openToRead } from "../../store/open-store.ts";
import { OpenedOnce } from "../../store/opened-once.ts";
import { Explanations } from "./explanations.ts";

/** The options of explain. */
interface ExplainCommandOptions extends MailOptions {
  readonly file?: readonly string[];
  readonly stored?: boolean;
  readonly limit?: number;
}

/** A stored message's header is read no further than this. */
const MAX_HEADER = 1024 * 1024;

/** `mailonce explain [--where QUERY] [ACCOUNT…]` */
export async function explainCriteria(
  places: readonly string[],
  options: ExplainCommandOptions,
  invocation: Invocation,
): Promise<ExitCode> {
  const { terminal } = invocation;
  try {
    const criteria = options.where === undefined ? null : compileCriteria(options.where);
    const explanations = new Explanations(terminal, options.json === true);
    if (options.file !== undefined) await explainFiles(options.file, given(criteria), explanations);
    else if (options.stored === true)
      await explainStored(places, given(criteria), options, invocation, explanations);
    else if (places.length > 0) await explainAccounts(places, criteria, options, invocation, explanations);
    else await explanations.query(given(criteria));
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof CriteriaSyntaxError)) throw error;
    const failure = failureOf(error);
    noteFailure(terminal, failure, error);
    return EXIT[failure.kind];
  }
}

function given(criteria: QueryCriteria | null): QueryCriteria {
  if (criteria !== null) return criteria;
  throw new FailureError(
    "no-criteria",
    "there is nothing to explain: give a query with --where, or an account that has one",
    "usage",
  );
}

async function explainFiles(
  files: readonly string[],
  criteria: QueryCriteria,
  explanations: Explanations,
): Promise<void> {
  for (const file of files) {
    let mail: HeaderAndOctets;
    try {
      mail = await readMail(file);
    } catch (error) {
      const { code = "unknown error" } = error as NodeJS.ErrnoException;
      throw new FailureError("no-file", `the file cannot be read: ${file} (${code})`, "usage");
    }
    await explanations.message({
      place: { file },
      label: safeLine(file),
      key: {},
      octets: mail.octets,
      subject: readHeader(mail.block).subject,
      explanation: criteria.explain(mail),
    });
  }
}

/** Holds no more of it than a header: it may be anything. */
async function readMail(file: string): Promise<HeaderAndOctets> {
  let start: Uint8Array = new Uint8Array(0);
  let octets = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Uint8Array>) {
    octets += chunk.length;
    if (start.length < MAX_HEADER) start = Buffer.concat([start, chunk]);
  }
  return { block: start.subarray(0, headerEnd(start)), octets };
}

async function explainStored(
  places: readonly string[],
  criteria: QueryCriteria,
  options: ExplainCommandOptions,
  { env }: Invocation,
  explanations: Explanations,
): Promise<void> {
  if (places.length > 1)
    throw new FailureError("too-many", "--stored takes one account, or none for all", "usage");
  const { store, configuration } = await openToRead(options, env);
  if (store === null) throw new FailureError("no-database", NO_DATABASE, "usage");
  await using _closed = store;
  const maildrop = await chosenMaildrop(places[0], options.maildrop, { configuration, store });
  const { limit } = options;
  const query = {
    ...(maildrop === undefined ? {} : { maildrop }),
    ...(limit === undefined ? {} : { limit }),
  };
  for await (const { id, maildrop: name, octets, subject } of store.messages(query)) {
    const block = await headerBlock(store.content(id));
    await explanations.message({
      place: { maildrop: name },
      label: shortId(id),
      key: { id },
      octets,
      subject,
      explanation: criteria.explain({ block, octets }),
    });
  }
  await explanations.totals(maildrop ?? "all maildrops");
}

async function headerBlock(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  let octets: Uint8Array = new Uint8Array(0);
  for await (const chunk of content) {
    octets = Buffer.concat([octets, chunk]);
    const end = headerEnd(octets);
    if (end < octets.length || octets.length >= MAX_HEADER) return octets.subarray(0, end);
  }
  return octets.subarray(0, headerEnd(octets));
}

async function explainAccounts(
  places: readonly string[],
  criteria: QueryCriteria | null,
  options: ExplainCommandOptions,
  invocation: Invocation,
  explanations: Explanations,
): Promise<void> {
  const { terminal, env, stdin, stderr } = invocation;
  using interrupt = watchInterrupt(terminal);
  const { signal } = interrupt;
  const configuration = await findAccountsFile(options, env);
  const chosen = chooseAccounts(places, options.maildrop, configuration);
  const passwords = new Passwords({
    passwordStdin: options.passwordStdin === true,
    env,
    stdin,
    stderr,
    signal,
  });
  // Only for tokens, and for what is known of a login that is refused: what is stored plays no part.
  await using database = new OpenedOnce(databaseUrl(env, options.database, configuration), env);
  const needsTokens = chosen.some(({ login }) => login.kind === "oauth2");
  const tokens = needsTokens ? ((await database.open())?.tokens ?? null) : null;
  const logins = new LoginMemory(async () => (await database.open())?.logins ?? null);
  for (const settings of chosen.map((each) => withOptions(each, options))) {
    const { maildrop } = settings.account;
    const tell = (line: string): void => terminal.note(`mailonce: ${settings.name}: ${line}`);
    const tokenKey = configuration?.tokenKey ?? null;
    const made = await accountOptions(settings, {
      ...{ env, signal, tell },
      askPassword: async () => {
        if (passwords.willAsk) {
          const line = await accountOptions(settings, { env, signal, tell });
          await reachServer(settings.account, line);
        }
        return passwords.of(maildrop);
      },
      isTyped: passwords.areTyped,
      onWire: options.verbose ? wireLog(terminal, null) : undefined,
      tokens: new AccountTokens({ env, signal, tell, tokens, tokenKey }).of,
    });
    const { limit } = options;
    const explained = explainAccount({
      ...made,
      logins,
      criteria: criteria ?? ownCriteria(settings),
      ...(limit === undefined ? {} : { limit }),
    });
    try {
      for await (const { messageNumber, uniqueId, octets, header, explanation } of explained)
        await explanations.message({
          place: { maildrop },
          label: String(messageNumber),
          key: {
            messageNumber,
            uniqueId: uniqueId === null ? null : Buffer.from(uniqueId).toString("latin1"),
          },
          octets,
          subject: header?.subject ?? null,
          explanation,
        });
    } catch (error) {
      signal.throwIfAborted();
      const { code, message, kind } = accountFailure(error, settings.account);
      throw new FailureError(code, message, kind);
    }
    await explanations.totals(maildrop);
  }
}

function ownCriteria({ name, where }: AccountSettings): QueryCriteria {
  if (where !== null) return compileCriteria(where);
  throw new FailureError(
    "no-criteria",
    `${name} has no criteria of its own (where: in the accounts file): give a query with --where`,
    "usage",
  );
}
