import type { CommonOptions } from "../../accounts/accounts-file.ts";
import { EXIT, type ExitCode } from "../../exit-code.ts";
import type { Invocation } from "../../input/invocation.ts";
import { jsonLine } from "../../output/json-lines.ts";
import { NO_DATABASE, openToChange } from "../../store/open-store.ts";
import { chooseDeliveries, wrongDelivery } from "./choose-deliveries.ts";
import { deliveries } from "./delivery.ts";

/** The options of `outbox retry`. */
interface OutboxRetryCommandOptions extends CommonOptions {
  readonly all?: boolean;
}

/** `mailonce outbox retry ID…|--all` */
export async function retryOutbox(
  ids: readonly string[],
  options: OutboxRetryCommandOptions,
  { terminal, env }: Invocation,
): Promise<ExitCode> {
  if (ids.length > 0 === (options.all === true)) throw wrongDelivery("give the ids of messages, or --all");
  await using store = (await openToChange(options, env)).store;
  if (store === null) throw wrongDelivery(NO_DATABASE);
  const entries = await chooseDeliveries(store, ids, ["pending", "dead"]);
  await store.outbox.retry(entries, new Date());
  const count = entries.length;
  if (options.json === true)
    await terminal.write(jsonLine({ type: "outbox-change", action: "retry", count }));
  else await terminal.line(`${deliveries(count)} will be tried at once.`);
  return EXIT.done;
}
