import type { CommonOptions } from "../../accounts/accounts-file.ts";
import type { Invocation } from "../../input/invocation.ts";
import { usageError } from "../../input/usage-error.ts";
import { NO_DATABASE, openToChange } from "../../store/open-store.ts";
import { chooseDeliveries } from "./choose-deliveries.ts";
import { deliveries } from "./delivery.ts";

interface OutboxRetryCommandOptions extends CommonOptions {
  readonly all?: boolean;
}

interface OutboxDropCommandOptions extends CommonOptions {
  readonly givenUp?: boolean;
  readonly hook?: string;
}

/** `mailonce outbox retry ID…|--all` */
export async function retryOutbox(
  ids: readonly string[],
  options: OutboxRetryCommandOptions,
  { terminal, env }: Invocation,
): Promise<void> {
  if (ids.length > 0 === (options.all === true))
    throw usageError("outbox", "give the ids of messages, or --all");
  await using store = (await openToChange(options, env)).store;
  if (store === null) throw usageError("outbox", NO_DATABASE);
  const entries = await chooseDeliveries(store.outbox, ids, ["pending", "dead"]);
  await store.outbox.retry(entries, new Date());
  const count = entries.length;
  const line = { type: "outbox-change", action: "retry", count };
  await terminal.result(options.json, line, `${deliveries(count)} will be tried at once.`);
}

/** `mailonce outbox drop ID…|--given-up|--hook NAME` */
export async function dropOutbox(
  ids: readonly string[],
  options: OutboxDropCommandOptions,
  { terminal, env }: Invocation,
): Promise<void> {
  const { givenUp = false, hook } = options;
  if ([ids.length > 0, givenUp, hook !== undefined].filter(Boolean).length !== 1)
    throw usageError("outbox", "give the ids of messages, --given-up, or --hook NAME");
  await using store = (await openToChange(options, env)).store;
  if (store === null) throw usageError("outbox", NO_DATABASE);
  const entries = await chooseDeliveries(store.outbox, ids, givenUp ? ["dead"] : ["pending", "dead"]);
  const dropped = entries.filter((entry) => hook === undefined || entry.hook === hook);
  await store.outbox.drop(dropped);
  const count = dropped.length;
  const line = { type: "outbox-change", action: "drop", count };
  await terminal.result(
    options.json,
    line,
    `${deliveries(count)} dropped: nobody will be told. The mail stays.`,
  );
}
