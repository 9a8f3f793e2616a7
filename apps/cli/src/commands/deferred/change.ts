import { chooseDeferred, dropDeferred, retryDeferred } from "@mailonce/runtime";
import type { CommonOptions } from "../../accounts/accounts-file.ts";
import type { Invocation } from "../../input/invocation.ts";
import { usageError } from "../../input/usage-error.ts";
import { formatCount } from "../../output/format.ts";
import { NO_DATABASE, openToChange } from "../../store/open-store.ts";

interface DeferredChangeCommandOptions extends CommonOptions {
  readonly all?: boolean;
}

/** `mailonce deferred retry ID…|--all` */
export function retryDeferredMessages(
  ids: readonly string[],
  options: DeferredChangeCommandOptions,
  invocation: Invocation,
): Promise<void> {
  return change("retry", ids, options, invocation);
}

/** `mailonce deferred drop ID…` */
export function dropDeferredMessages(
  ids: readonly string[],
  options: DeferredChangeCommandOptions,
  invocation: Invocation,
): Promise<void> {
  return change("drop", ids, options, invocation);
}

/** What is done to messages, and what people are told of it. */
const ACTIONS = {
  retry: { work: retryDeferred, outcome: "will be tried at the next fetch" },
  drop: { work: dropDeferred, outcome: "will not be tried again" },
} as const;

/** Changes the deferred messages that these ids name, or all, and tells how many there still were. */
async function change(
  action: keyof typeof ACTIONS,
  ids: readonly string[],
  { all = false, ...options }: DeferredChangeCommandOptions,
  { terminal, env }: Invocation,
): Promise<void> {
  if (ids.length > 0 === all) throw usageError("usage", "give the ids of messages, or --all");
  await using store = (await openToChange(options, env)).store;
  if (store === null) throw usageError("no-such-message", NO_DATABASE);
  const { work, outcome } = ACTIONS[action];
  const count = await work(store, await chooseDeferred(store, all ? "all" : ids));
  const line = { type: "deferred-change", action, count };
  await terminal.result(options.json, line, `${formatCount(count, "message")} ${outcome}.`);
}
