import { isDeepStrictEqual } from "node:util";
import type { Configuration } from "../account/settings.ts";

/** The fields of an accounts file that a worker reads when it starts, and not again. */
type StartField = "database" | "tokenKey" | "worker.queue" | "worker.listen";

/**
 * The fields whose value differs from the one at the worker's start: the new value holds from its next start on.
 * `databaseOf` gives the URL of the database under a configuration.
 */
export function heldBack(
  started: Configuration,
  now: Configuration,
  databaseOf: (configuration: Configuration) => string,
): readonly StartField[] {
  const values = (configuration: Configuration): Readonly<Record<StartField, unknown>> => ({
    database: databaseOf(configuration),
    tokenKey: configuration.tokenKey,
    "worker.queue": configuration.worker.queue,
    "worker.listen": configuration.worker.listen,
  });
  const [before, after] = [values(started), values(now)];
  const fields = Object.keys(after) as StartField[];
  return fields.filter((field) => !isDeepStrictEqual(before[field], after[field]));
}
