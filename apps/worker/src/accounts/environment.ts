import { FailureError } from "@mailonce/runtime";
import {
  type AccountSettings,
  AccountUrlError,
  accountOf,
  bareAccount,
  type Configuration,
  DEFAULT_CONFIGURATION,
  type Environment,
  guessProfile,
  parseAccountUrl,
  readCertificates,
  secretVariable,
} from "@mailonce/runtime/config";

/**
 * Reads the smallest configuration: the accounts by their URLs in MAILONCE_ACCOUNTS, all with one interval. Null if that
 * variable is not set.
 * @throws FailureError (`config`), in one sentence that names the variable
 */
export async function environmentConfiguration(env: Environment): Promise<Configuration | null> {
  if (env["MAILONCE_ACCOUNTS"] === undefined) return null;
  const urls = env["MAILONCE_ACCOUNTS"].split(/\s+/).filter((url) => url !== "");
  if (urls.length === 0)
    throw wrong("MAILONCE_ACCOUNTS holds no account: give URLs like pop3s://USER@HOST, separated by blanks");
  const intervalMs = readNumber(env, "MAILONCE_INTERVAL", 300, 1, 7 * 86_400) * 1000;
  const accounts = urls.map((url, n) => readAccount(url, n + 1, intervalMs, env));
  const names = accounts.map(({ name }) => name);
  const twice = names.find((name, n) => names.indexOf(name) !== n);
  if (twice !== undefined) throw wrong(`MAILONCE_ACCOUNTS names ${twice} twice`);
  if (env["MAILONCE_CA"]) await readCertificates(env["MAILONCE_CA"], "MAILONCE_CA");
  const { worker } = DEFAULT_CONFIGURATION;
  const concurrency = readNumber(env, "MAILONCE_CONCURRENCY", DEFAULT_CONFIGURATION.concurrency, 1, 1000);
  const perHost = readNumber(env, "MAILONCE_PER_HOST", worker.perHost, 1, 1000);
  const shutdownMs = readNumber(env, "MAILONCE_SHUTDOWN", worker.shutdownMs / 1000, 0, 3600) * 1000;
  const own = { concurrency, worker: { ...worker, perHost, shutdownMs }, accounts };
  return withEnvironment({ ...DEFAULT_CONFIGURATION, ...own }, env);
}

/**
 * The configuration, with the queue and the address of the status server that MAILONCE_QUEUE and MAILONCE_LISTEN name in
 * place of those in a file.
 * @throws FailureError (`config`)
 */
export function withEnvironment(configuration: Configuration, env: Environment): Configuration {
  const { worker } = configuration;
  return {
    ...configuration,
    worker: {
      ...worker,
      queue: readQueue(secretVariable(env, "MAILONCE_QUEUE", "the queue's URL")) ?? worker.queue, // A password may stand in it.
      listen: readListen(env["MAILONCE_LISTEN"]) ?? worker.listen,
    },
  };
}

function readAccount(url: string, number: number, intervalMs: number, env: Environment): AccountSettings {
  try {
    const own = `MAILONCE_PASSWORD_${number}`;
    const account = accountOf(parseAccountUrl(url));
    const variable = env[own] === undefined ? "MAILONCE_PASSWORD" : own;
    if ((secretVariable(env, variable, `the password of ${account.maildrop}`) ?? "") === "")
      throw wrong(`there is no password for ${account.maildrop}: set ${own}, or MAILONCE_PASSWORD for all`);
    return {
      ...bareAccount(account),
      login: { kind: "password", source: { kind: "env", name: variable } },
      ...(env["MAILONCE_CA"] ? { caFile: env["MAILONCE_CA"] } : {}),
      profile: guessProfile(account.host),
      schedule: { kind: "interval", ms: intervalMs },
    };
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

function readQueue(text: string | undefined): string | null {
  if (text === undefined || text === "") return null;
  if (!URL.canParse(text) || !/^rediss?:\/\/./.test(text))
    throw wrong("MAILONCE_QUEUE must be a URL that begins with redis:// or rediss://");
  return text;
}

function readListen(text: string | undefined): { readonly host: string; readonly port: number } | null {
  if (text === undefined || text === "") return null;
  const match = /^(?:(\[[^\]]+\]|[^:]+):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) throw wrong("MAILONCE_LISTEN must be PORT or HOST:PORT");
  return { host: (match[1] ?? "127.0.0.1").replace(/^\[(.*)\]$/, "$1"), port };
}

function wrong(message: string): FailureError {
  return new FailureError("configuration", message, "config");
}
