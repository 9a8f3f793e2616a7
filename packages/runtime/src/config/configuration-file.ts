import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Configuration } from "../account/settings.ts";
import { FailureError } from "../failure/failure-error.ts";
import { openToRead, PIPE_TIMED_OUT, readAtMost } from "../system/bounded-file.ts";
import type { Environment } from "../system/environment.ts";
import { configurationDirectory } from "../system/user-folders.ts";
import { ConfigurationError } from "./configuration-error.ts";

/** What an accounts file is called, in the order of the search. */
export const CONFIGURATION_NAMES = ["mailonce.yaml", "mailonce.yml", "mailonce.json"] as const;

/** No accounts file is that large; something else was named by mistake. */
const MAX_OCTETS = 4 * 1024 * 1024;

/** Where to look for an accounts file. */
export interface ConfigurationPlaces {
  readonly env: Environment;
  /** What `--config` says. */
  readonly given?: string | undefined;
  /** Default: the process's working directory. */
  readonly cwd?: string;
}

/**
 * The path of the accounts file: `--config`, else MAILONCE_CONFIG, else mailonce.yaml (.yml, .json) in the working
 * directory, else in the user's configuration directory; null if there is none. What is named is taken as it is; what
 * merely lies in the working directory counts only if nobody else could have put it there.
 * @throws FailureError (`config`)
 */
export async function findConfiguration(places: ConfigurationPlaces): Promise<string | null> {
  const { env, given, cwd = workingDirectory() } = places;
  const named = given ?? (env["MAILONCE_CONFIG"] || undefined);
  if (named !== undefined) return resolve(cwd, named);
  for (const name of CONFIGURATION_NAMES) {
    const path = resolve(cwd, name);
    if (await exists(path)) {
      await refuseStrangers(path);
      return path;
    }
  }
  for (const name of CONFIGURATION_NAMES) {
    const path = resolve(configurationDirectory(env), name);
    if (await exists(path)) return path;
  }
  return null;
}

/**
 * Reads the accounts file that {@link findConfiguration} finds; null if there is none. Secrets are not resolved.
 * @throws ConfigurationError with everything that is wrong in the file; FailureError (`config`)
 */
export async function readConfiguration(places: ConfigurationPlaces): Promise<Configuration | null> {
  const file = await findConfiguration(places);
  return file === null ? null : readConfigurationFile(file);
}

/** Reads this accounts file. @throws ConfigurationError */
export async function readConfigurationFile(path: string): Promise<Configuration> {
  const { text, mode } = await readText(path);
  // The YAML library and zod are loaded here, not before: most short commands do without.
  const { parseConfiguration } = await import("./parse-configuration.ts");
  const configuration = parseConfiguration(path, text);
  const { passwordsIn } = await import("./inline-passwords.ts");
  const fields = passwordsIn(configuration);
  if (mode !== null && (mode & 0o077) !== 0 && fields.length > 0) {
    throw wrong(path, `holds a password (${fields.join(", ")}) and others can read it: chmod 600 ${path}`);
  }
  return configuration;
}

/** @throws FailureError (`usage`) if somebody has removed it */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    throw new FailureError("no-directory", "the working directory is gone: change to another one", "usage");
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path, constants.F_OK);
    return true;
  } catch {
    return false;
  }
}

/** The file names commands to be run, so one that somebody else left in a shared folder must not be used unasked. */
async function refuseStrangers(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const { uid, mode } = await stat(path);
  const isOurs = uid === process.getuid?.() || uid === 0;
  if (isOurs && (mode & 0o002) === 0) return;
  const why = isOurs ? "can be changed by everybody" : "belongs to another user";
  throw wrong(
    path,
    `lies in the working directory and ${why}: to use it all the same, name it with --config`,
  );
}

/** The text of an accounts file, and who may read it. @throws ConfigurationError */
export async function readText(
  path: string,
): Promise<{ readonly text: string; readonly mode: number | null }> {
  try {
    await using file = await openToRead(path);
    const { mode } = await file.stat();
    const octets = await readAtMost(file, MAX_OCTETS);
    if (octets === null) throw wrong(path, "is too large for an accounts file (4 MiB)");
    // UTF-16, as some editors and shells write it, may pass for UTF-8.
    if (octets.includes(0)) throw wrong(path, NO_UTF8);
    const text = new TextDecoder("utf-8", { fatal: true }).decode(octets);
    return { text, mode: process.platform === "win32" ? null : mode };
  } catch (error) {
    if (error instanceof FailureError) throw error;
    if (error instanceof TypeError) throw wrong(path, NO_UTF8);
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw wrong(path, reasons[code] ?? `cannot be read (${code})`);
  }
}

const NO_UTF8 = "is no text in UTF-8: save it in this encoding";

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file; 'mailonce init' makes one",
  EACCES: "you may not read this file",
  EISDIR: "is a folder; name the file in it",
  ENOTDIR: "there is no such file; 'mailonce init' makes one",
  ETIMEDOUT: PIPE_TIMED_OUT,
};

function wrong(path: string, message: string): ConfigurationError {
  return new ConfigurationError(path, [{ line: null, column: null, field: "", message }]);
}

/** The error of a command that needs an accounts file and found none; `name`: the account that it looked for in it. */
export function noConfiguration(name?: string): FailureError {
  const missing = name === undefined ? "" : ` that could have an account ${name}`;
  return new FailureError(
    "no-configuration",
    `there is no accounts file${missing}: 'mailonce init' makes one; or give an account's URL, such as pop3s://USER@HOST`,
    "usage",
  );
}
