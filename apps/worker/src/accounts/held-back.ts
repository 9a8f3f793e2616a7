import { isDeepStrictEqual } from "node:util";
import { databaseUrl } from "@mailonce/runtime";
import type { Configuration, Environment } from "@mailonce/runtime/config";

/** The fields of an accounts file that a worker reads when it starts, and not again. */
type StartField = "database" | "tokenKey" | "worker.queue" | "worker.listen";

/** The fields that say something else now than when the worker was started: they hold from its next start on. */
export function heldBack(
  started: Configuration,
  now: Configuration,
  env: Environment,
): readonly StartField[] {
  const values = (configuration: Configuration): Readonly<Record<StartField, unknown>> => ({
    database: databaseUrl(env, undefined, configuration),
    tokenKey: configuration.tokenKey,
    "worker.queue": configuration.worker.queue,
    "worker.listen": configuration.worker.listen,
  });
  const [before, after] = [values(started), values(now)];
  const fields = Object.keys(after) as StartField[];
  return fields.filter((field) => !isDeepStrictEqual(before[field], after[field]));
}
