import { isDue, LONGEST_DELIVERY_WAIT_MS } from "@mailonce/core";
import {
  ambiguousId,
  DEFAULT_WORKER,
  databaseAccounts,
  EXIT,
  type ExitCode,
  FailureError,
  type HookSettings,
  OutboxDeliverer,
  type OutboxEntry,
  pruneOutbox,
  type Store,
} from "@mailonce/runtime";
import { chosenMaildrop } from "../../accounts/choose-accounts.ts";
import { NO_DATABASE } from "../../help/texts.ts";
import { watchInterrupt } from "../../input/interrupt.ts";
import { formatCount, formatDate } from "../../output/format.ts";
import { deliveryLine, jsonLine } from "../../output/json-lines.ts";
import { shortId } from "../../output/message-columns.ts";
import { safeLine } from "../../output/safe-text.ts";
import type { Invocation } from "../../program.ts";
import { openToChange, openToRead, type PlaceOptions } from "../../store/open-store.ts";

/** The options of the commands of `outbox`. */
export interface OutboxOptions extends PlaceOptions {
  readonly json?: boolean;
  readonly all?: boolean;
  readonly givenUp?: boolean;
  readonly hook?: string;
  readonly maildrop?: string;
}

/** `mailonce outbox list [ACCOUNT]` */
export async function listOutbox(
  place: string | undefined,
  options: OutboxOptions,
  { terminal, env }: Invocation,
): Promise<ExitCode> {
  const { store: opened, configuration } = await openToRead(options, env);
  await using store = opened;
  const maildrop = await chosenMaildrop(place, options.maildrop, { configuration, store });
  if (store === null) {
    terminal.note(`mailonce: ${NO_DATABASE}`);
    return EXIT.done;
  }
  let shown = 0;
  const query = {
    ...(maildrop === undefined ? {} : { maildrop }),
    ...(options.all === true ? {} : { states: ["pending", "dead"] as const }),
  };
  for await (const entry of store.outbox.entries(query)) {
    shown++;
    if (options.json === true) await terminal.write(jsonLine(deliveryLine(entry)));
    else await terminal.line(`${terminal.bold(shortId(entry.messageId))}  ${inWords(entry)}`);
  }
  if (shown === 0 && options.json !== true) terminal.note("The outbox is empty.");
  return EXIT.done;
}

/** `mailonce outbox retry ID…|--all` */
export async function retryOutbox(
  ids: readonly string[],
  options: OutboxOptions,
  { terminal, env }: Invocation,
): Promise<ExitCode> {
  if (ids.length > 0 === (options.all === true)) throw wrong("give the ids of messages, or --all");
  await using store = (await openToChange(options, env)).store;
  if (store === null) throw wrong(NO_DATABASE);
  const entries = await chosen(store, ids, ["pending", "dead"]);
  await store.outbox.retry(entries, new Date());
  const count = entries.length;
  if (options.json === true)
    await terminal.write(jsonLine({ type: "outbox-change", action: "retry", count }));
  else await terminal.line(`${deliveries(count)} will be tried at once.`);
  return EXIT.done;
}

/** `mailonce outbox drop ID…|--given-up|--hook NAME` */
export async function dropOutbox(
  ids: readonly string[],
  options: OutboxOptions,
  { terminal, env }: Invocation,
): Promise<ExitCode> {
  const { givenUp = false, hook } = options;
  if ([ids.length > 0, givenUp, hook !== undefined].filter(Boolean).length !== 1)
    throw wrong("give the ids of messages, --given-up, or --hook NAME");
  await using store = (await openToChange(options, env)).store;
  if (store === null) throw wrong(NO_DATABASE);
  const entries = await chosen(store, ids, givenUp ? ["dead"] : ["pending", "dead"]);
  const dropped = entries.filter((entry) => hook === undefined || entry.hook === hook);
  await store.outbox.drop(dropped);
  const count = dropped.length;
  if (options.json === true) await terminal.write(jsonLine({ type: "outbox-change", action: "drop", count }));
  else await terminal.line(`${deliveries(count)} dropped: nobody will be told. The mail stays.`);
  return EXIT.done;
}

/** `mailonce outbox deliver` */
export async function deliverOutbox(
  options: OutboxOptions,
  { terminal, env }: Invocation,
): Promise<ExitCode> {
  const { store: opened, configuration } = await openToChange(options, env);
  await using store = opened;
  if (store === null) {
    terminal.note(`mailonce: ${NO_DATABASE}`);
    return EXIT.done;
  }
  const kept = await databaseAccounts(await store.accounts.list());
  const hooks = new Map<string, HookSettings>();
  for (const { account, hooks: own } of [...kept.accounts, ...(configuration?.accounts ?? [])])
    for (const hook of own) hooks.set(JSON.stringify([account.maildrop, hook.name]), hook);
  using interrupt = watchInterrupt(terminal);
  await using deliverer = new OutboxDeliverer({
    store,
    env,
    signal: interrupt.signal,
    hook: (maildrop, name) => hooks.get(JSON.stringify([maildrop, name])) ?? null,
    longestMs: () =>
      [...hooks.values()].reduce(
        (most, hook) => Math.max(most, hook.kind === "queue" ? 0 : hook.timeoutMs),
        0,
      ),
    onAttempt: ({ maildrop, hook }, result) => {
      if (result.state !== "delivered")
        terminal.note(`mailonce: ${safeLine(`${maildrop}: hook ${hook}: ${result.reason.message}`)}`);
    },
  });
  const { delivered, failed } = await deliverer.deliverDue();
  const { keepDeliveredMs } = configuration?.worker ?? DEFAULT_WORKER;
  if (keepDeliveredMs !== null) await pruneOutbox(store.outbox, keepDeliveredMs, interrupt);
  if (options.json === true) await terminal.write(jsonLine({ type: "outbox-delivered", delivered, failed }));
  else
    await terminal.line(
      `${deliveries(delivered)} made${failed === 0 ? "" : `, ${failed} failed; they are tried again`}.`,
    );
  return failed === 0 ? EXIT.done : EXIT.partial;
}

/** Those of these messages that are not delivered; without ids all in one of these states. */
async function chosen(
  store: Store,
  ids: readonly string[],
  states: readonly OutboxEntry["state"][],
): Promise<readonly OutboxEntry[]> {
  const entries: OutboxEntry[] = [];
  if (ids.length === 0) for await (const entry of store.outbox.entries({ states })) entries.push(entry);
  for (const id of ids) {
    const found = await findById(store, id.trim().toLowerCase());
    if (found.length === 0) throw wrong(`the outbox has no message ${safeLine(id)}`);
    // One message may be told to several hooks; several messages are not what one id means.
    const messages = new Map(found.map((entry) => [entry.messageId, entry]));
    if (messages.size > 1)
      throw ambiguousId(
        "message in the outbox",
        [...messages.values()].map((entry) => `${entry.messageId}  ${inWords(entry)}`),
      );
    entries.push(...found.filter(({ state }) => state !== "delivered"));
  }
  return entries;
}

/** By the beginning of the id, or by the short form that list shows. */
async function findById(store: Store, id: string): Promise<readonly OutboxEntry[]> {
  const found = await store.outbox.find(id);
  if (found.length > 0) return found;
  const short: OutboxEntry[] = [];
  for await (const entry of store.outbox.entries()) if (shortId(entry.messageId) === id) short.push(entry);
  return short;
}

function inWords({ maildrop, hook, state, attempts, due, deliveredAt, reason }: OutboxEntry): string {
  const where = `${safeLine(maildrop)}  ${safeLine(hook)}`;
  if (state === "delivered") return `${where}  delivered ${formatDate(deliveredAt)}`;
  const why = reason === null ? "" : `: ${safeLine(reason.message)}`;
  const tried = attempts === 0 ? "" : ` after ${formatCount(attempts, "attempt")}`;
  if (state === "dead") return `${where}  given up${tried}${why}`;
  const next = isDue(due, new Date(), LONGEST_DELIVERY_WAIT_MS) ? "is due" : `waits until ${formatDate(due)}`;
  return `${where}  ${next}${tried}${why}`;
}

function deliveries(count: number): string {
  return count === 1 ? "1 delivery" : `${count} deliveries`;
}

function wrong(message: string): FailureError {
  return new FailureError("outbox", message, EXIT.usage);
}
