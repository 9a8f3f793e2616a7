import { readFile } from "node:fs/promises";
import {
  type Account,
  AccountUrlError,
  accountOf,
  databaseUrl,
  type Environment,
  EXIT,
  FailureError,
  parseAccountUrl,
} from "@mailonce/runtime";

/** An account and what it takes to log in. */
export interface WorkerAccount {
  readonly account: Account;
  readonly password: string;
}

/** What the worker does, as the environment says it. */
export interface Settings {
  readonly accounts: readonly WorkerAccount[];
  readonly database: string;
  /** From the end of an account's run to the start of its next, in milliseconds. */
  readonly intervalMs: number;
  /** Accounts that may be fetched at the same time. */
  readonly concurrency: number;
  /** Certificates in PEM to be trusted as well. */
  readonly ca: string | null;
}

/** @throws FailureError with exit code 78, in one sentence that names the variable */
export async function readSettings(env: Environment): Promise<Settings> {
  const urls = (env["MAILONCE_ACCOUNTS"] ?? "").split(/\s+/).filter((url) => url !== "");
  if (urls.length === 0)
    throw wrong("MAILONCE_ACCOUNTS holds no account: give URLs like pop3s://USER@HOST, separated by blanks");
  const accounts = urls.map((url, n) => readAccount(url, n + 1, env));
  const names = accounts.map(({ account }) => account.maildrop);
  const twice = names.find((name, n) => names.indexOf(name) !== n);
  if (twice !== undefined) throw wrong(`MAILONCE_ACCOUNTS names ${twice} twice`);
  return {
    accounts,
    database: databaseUrl(env),
    intervalMs: readNumber(env, "MAILONCE_INTERVAL", 300, 1, 7 * 86_400) * 1000,
    concurrency: readNumber(env, "MAILONCE_CONCURRENCY", 4, 1, 1000),
    ca: await readCertificates(env["MAILONCE_CA"]),
  };
}

function readAccount(url: string, number: number, env: Environment): WorkerAccount {
  try {
    const own = `MAILONCE_PASSWORD_${number}`;
    const account = accountOf(parseAccountUrl(url));
    const password = env[own] ?? env["MAILONCE_PASSWORD"] ?? "";
    if (password === "")
      throw wrong(`there is no password for ${account.maildrop}: set ${own}, or MAILONCE_PASSWORD for all`);
    return { account, password };
  } catch (error) {
    if (!(error instanceof AccountUrlError)) throw error;
    throw wrong(`account ${number} in MAILONCE_ACCOUNTS: ${error.message}`);
  }
}

function readNumber(env: Environment, name: string, fallback: number, least: number, most: number): number {
  const text = env[name];
  if (text === undefined || text === "") return fallback;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= least && number <= most))
    throw wrong(`${name} must be a whole number from ${least} to ${most}`);
  return number;
}

async function readCertificates(path: string | undefined): Promise<string | null> {
  if (path === undefined || path === "") return null;
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw wrong(`MAILONCE_CA: cannot read ${path} (${(error as NodeJS.ErrnoException).code ?? "error"})`);
  }
}

function wrong(message: string): FailureError {
  return new FailureError("configuration", message, EXIT.config);
}
