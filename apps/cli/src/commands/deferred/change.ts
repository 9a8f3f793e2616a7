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

/** `mailonce deferred retry ID…|--all` and `mailonce deferred drop ID…` */
export async function changeDeferred(
  action: "retry" | "drop",
  ids: readonly string[],
  options: DeferredChangeCommandOptions,
  { terminal, env }: Invocation,
): Promise<void> {
  if (ids.length > 0 === (options.all === true))
    throw usageError("usage", "give the ids of messages, or --all");
  await using store = (await openToChange(options, env)).store;
  if (store === null) throw usageError("no-such-message", NO_DATABASE);
  const messages = await chooseDeferred(store, options.all === true ? "all" : ids);
  const count = await (action === "retry" ? retryDeferred : dropDeferred)(store, messages);
  const what = action === "retry" ? "will be tried at the next fetch" : "will not be tried again";
  const line = { type: "deferred-change", action, count };
  await terminal.result(options.json, line, `${formatCount(count, "message")} ${what}.`);
}
