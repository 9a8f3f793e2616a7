import { openToRead, PIPE_TIMED_OUT, readAtMost } from "../bounded-file.ts";
import { FailureError } from "../failure-error.ts";
import { noSecret } from "./no-secret.ts";
import { type CommandSurroundings, commandOutput } from "./secret-command.ts";
import { secretLine, variable } from "./secret-text.ts";
import type { SecretSource } from "./settings.ts";

/** No password is that long; something else was named by mistake. */
const MAX_OCTETS = 64 * 1024;

/** What resolving a secret needs. */
export type SecretSurroundings = CommandSurroundings;

/**
 * Gets a secret from where it is kept: a text of one line, not empty.
 * @param what what it is, for errors: "the password of work"
 * @throws FailureError (`secret`) with exit code 78, which never holds it; the signal's reason
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

async function raw(
  source: SecretSource,
  what: string,
  surroundings: SecretSurroundings,
): Promise<[octets: Uint8Array | string, place: string]> {
  switch (source.kind) {
    case "env": {
      const value = variable(surroundings.env, source.name);
      const place = `the environment variable ${source.name}`;
      if (value === undefined) throw noSecret(`${what}: ${place} is not set`);
      return [value, place];
    }
    case "file":
      return [await privateFile(source.path, what), `the file ${source.path}`];
    case "command":
      return [await commandOutput(source.command, what, surroundings), "what its command writes"];
  }
}

async function privateFile(path: string, what: string): Promise<Uint8Array> {
  try {
    await using file = await openToRead(path);
    const stats = await file.stat();
    if (process.platform !== "win32" && (stats.mode & 0o077) !== 0)
      throw noSecret(`${what}: others can read the file ${path}: chmod 600 ${path}`);
    const octets = await readAtMost(file, MAX_OCTETS);
    if (octets === null) throw noSecret(`${what}: the file ${path} is too large for a secret`);
    return octets;
  } catch (error) {
    if (error instanceof FailureError) throw error;
    const { code = "" } = error as NodeJS.ErrnoException;
    throw noSecret(`${what}: ${reasons[code] ?? `cannot read the file (${code})`}: ${path}`);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "you may not read the file",
  EISDIR: "this is a folder, not a file",
  ETIMEDOUT: PIPE_TIMED_OUT,
};
