import { constants, type Stats } from "node:fs";
import { access, stat } from "node:fs/promises";
import type { SecretSource } from "../account/settings.ts";
import { FailureError } from "../failure/failure-error.ts";
import { openToRead, PIPE_TIMED_OUT, readAtMost } from "../system/bounded-file.ts";
import type { Environment } from "../system/environment.ts";
import { type CommandSurroundings, commandOutput } from "./secret-command.ts";
import { noSecret, secretLine, variable } from "./secret-text.ts";

/** No password is that long; something else was named by mistake. */
const MAX_OCTETS = 64 * 1024;

/** What resolving a secret needs. */
export type SecretSurroundings = CommandSurroundings;

/**
 * Gets a secret from where it is kept: a text of one line, not empty.
 * @param what what it is, for errors: "the password of work"
 * @throws FailureError (`secret`, of the kind `config`), which never holds it; the signal's reason
 */
export async function readSecret(
  source: SecretSource,
  what: string,
  surroundings: SecretSurroundings,
): Promise<string> {
  const [octets, place] = await raw(source, what, surroundings);
  const read = secretLine(octets);
  if (read.kind === "text") return read.text;
  if (read.kind === "empty") throw noSecret(`${what}: ${place} is empty`);
  const isOfCommand = read.kind === "lines" && source.kind === "command";
  const advice = isOfCommand ? "; a password of the first line only: COMMAND | head -n 1" : "";
  throw noSecret(`${what}: ${place} ${read.why}${advice}`);
}

/**
 * Checks that a secret is where it should be, without reading it. A command is not run.
 * @throws FailureError (`secret`, of the kind `config`)
 */
export async function checkSecret(source: SecretSource, what: string, env: Environment): Promise<void> {
  switch (source.kind) {
    case "env": {
      const [value, place] = variableOf(env, source.name, what);
      if (value.length === 0) throw noSecret(`${what}: ${place} is empty`);
      return;
    }
    case "file": {
      const { path } = source;
      try {
        const stats = await stat(path);
        if (stats.isDirectory()) throw Object.assign(new Error("a folder"), { code: "EISDIR" });
        refuseOthers(stats, path, what);
        await access(path, constants.R_OK);
        if (stats.isFile() && stats.size === 0) throw noSecret(`${what}: the file ${path} is empty`);
      } catch (error) {
        throw unreadable(error, path, what);
      }
      return;
    }
    case "command":
      return;
  }
}

/** A secret as it was read, and where it was, for errors. */
type PlacedSecret = readonly [octets: Uint8Array | string, place: string];

function variableOf(env: Environment, name: string, what: string): PlacedSecret {
  const value = variable(env, name);
  const place = `the environment variable ${name}`;
  if (value === undefined) throw noSecret(`${what}: ${place} is not set`);
  return [value, place];
}

async function raw(
  source: SecretSource,
  what: string,
  surroundings: SecretSurroundings,
): Promise<PlacedSecret> {
  switch (source.kind) {
    case "env":
      return variableOf(surroundings.env, source.name, what);
    case "file":
      return [await privateFile(source.path, what), `the file ${source.path}`];
    case "command":
      return [await commandOutput(source.command, what, surroundings), "what its command writes"];
  }
}

async function privateFile(path: string, what: string): Promise<Uint8Array> {
  try {
    await using file = await openToRead(path);
    refuseOthers(await file.stat(), path, what);
    const octets = await readAtMost(file, MAX_OCTETS);
    if (octets === null) throw noSecret(`${what}: the file ${path} is too large for a secret`);
    return octets;
  } catch (error) {
    throw unreadable(error, path, what);
  }
}

function refuseOthers({ mode }: Stats, path: string, what: string): void {
  if (process.platform !== "win32" && (mode & 0o077) !== 0)
    throw noSecret(`${what}: others can read the file ${path}: chmod 600 ${path}`);
}

function unreadable(error: unknown, path: string, what: string): FailureError {
  if (error instanceof FailureError) return error;
  const { code = "" } = error as NodeJS.ErrnoException;
  return noSecret(`${what}: ${reasons[code] ?? `cannot read the file (${code})`}: ${path}`);
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "you may not read the file",
  EISDIR: "this is a folder, not a file",
  ETIMEDOUT: PIPE_TIMED_OUT,
};
