import { chooseDeferred, dropDeferred, retryDeferred } from "@mailonce/runtime";
import type { CommonOptions } from "../../accounts/accounts-file.ts";
import type { Invocation } from "../../input/invocation.ts";
import { usageError } from "../../input/usage-error.ts";
import { formatCount } from "../../output/format.ts";
import { NO_DATABASE, openToChange } from "../../store/open-store.ts";

/** The options of `deferred retry` and `deferred drop`. */
interface DeferredChangeCommandOptions extends CommonOptions {
  readonly all?: boolean;
}

/** `mailonce deferred retry ID…|--all` */
export async function retryDeferredMessages(
  ids: readonly string[],
  options: DeferredChangeCommandOptions,
  invocation: Invocation,
): Promise<void> {
  const count = await change(retryDeferred, ids, options, invocation);
  const sentence = `${formatCount(count, "message")} will be tried at the next fetch.`;
  const line = { type: "deferred-change", action: "retry", count };
  await invocation.terminal.result(options.json, line, sentence);
}

/** `mailonce deferred drop ID…` */
export async function dropDeferredMessages(
  ids: readonly string[],
  options: DeferredChangeCommandOptions,
  invocation: Invocation,
): Promise<void> {
  const count = await change(dropDeferred, ids, options, invocation);
  const sentence = `${formatCount(count, "message")} will not be tried again.`;
  const line = { type: "deferred-change", action: "drop", count };
  await invocation.terminal.result(options.json, line, sentence);
}

/** Does the work on the deferred messages that these ids name, or on all; gives how many there still were. */
async function change(
  work: typeof retryDeferred,
  ids: readonly string[],
  options: DeferredChangeCommandOptions,
  { env }: Invocation,
): Promise<number> {
  if (ids.length > 0 === (options.all === true))
    throw usageError("usage", "give the ids of messages, or --all");
  await using store = (await openToChange(options, env)).store;
  if (store === null) throw usageError("no-such-message", NO_DATABASE);
  const messages = await chooseDeferred(store, options.all === true ? "all" : ids);
  return work(store, messages);
}
