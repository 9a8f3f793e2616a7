import type { CommonOptions } from "../../accounts/accounts-file.ts";
import { EXIT, type ExitCode } from "../../exit-code.ts";
import type { Invocation } from "../../input/invocation.ts";
import { jsonLine } from "../../output/json-lines.ts";
import { NO_DATABASE, openToChange } from "../../store/open-store.ts";
import { chooseDeliveries, wrongDelivery } from "./choose-deliveries.ts";
import { deliveries } from "./delivery.ts";

/** The options of `outbox drop`. */
interface OutboxDropCommandOptions extends CommonOptions {
  readonly givenUp?: boolean;
  readonly hook?: string;
}

/** `mailonce outbox drop ID…|--given-up|--hook NAME` */
export async function dropOutbox(
  ids: readonly string[],
  options: OutboxDropCommandOptions,
  { terminal, env }: Invocation,
): Promise<ExitCode> {
  const { givenUp = false, hook } = options;
  if ([ids.length > 0, givenUp, hook !== undefined].filter(Boolean).length !== 1)
    throw wrongDelivery("give the ids of messages, --given-up, or --hook NAME");
  await using store = (await openToChange(options, env)).store;
  if (store === null) throw wrongDelivery(NO_DATABASE);
  const entries = await chooseDeliveries(store, ids, givenUp ? ["dead"] : ["pending", "dead"]);
  const dropped = entries.filter((entry) => hook === undefined || entry.hook === hook);
  await store.outbox.drop(dropped);
  const count = dropped.length;
  if (options.json === true) await terminal.write(jsonLine({ type: "outbox-change", action: "drop", count }));
  else await terminal.line(`${deliveries(count)} dropped: nobody will be told. The mail stays.`);
  return EXIT.done;
}
