import { chooseDeferred, dropDeferred, FailureError, retryDeferred } from "@mailonce/runtime";
import type { CommonOptions } from "../../accounts/accounts-file.ts";
import { EXIT, type ExitCode } from "../../exit-code.ts";
import type { Invocation } from "../../input/invocation.ts";
import { formatCount } from "../../output/format.ts";
import { jsonLine } from "../../output/json-lines.ts";
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
): Promise<ExitCode> {
  if (ids.length > 0 === (options.all === true))
    throw new FailureError("usage", "give the ids of messages, or --all", "usage");
  await using store = (await openToChange(options, env)).store;
  if (store === null) throw new FailureError("no-such-message", NO_DATABASE, "usage");
  const messages = await chooseDeferred(store, options.all === true ? "all" : ids);
  const count = await (action === "retry" ? retryDeferred : dropDeferred)(store, messages);
  if (options.json === true) await terminal.write(jsonLine({ type: "deferred-change", action, count }));
  else {
    const what = action === "retry" ? "will be tried at the next fetch" : "will not be tried again";
    await terminal.line(`${formatCount(count, "message")} ${what}.`);
  }
  return EXIT.done;
}
