import { isDue } from "@mailonce/core";
import {
  chooseDeferred,
  type DeferredMessage,
  deferredMessages,
  dropDeferred,
  EXIT,
  type ExitCode,
  FailureError,
  retryDeferred,
  SHORT_ID_DIGITS,
} from "@mailonce/runtime";
import { chosenMaildrop } from "../../accounts/choose-accounts.ts";
import { NO_DATABASE } from "../../help/texts.ts";
import { formatCount, formatDate, formatOctets } from "../../output/format.ts";
import { deferredLine, jsonLine } from "../../output/json-lines.ts";
import { safeLine } from "../../output/safe-text.ts";
import type { Terminal } from "../../output/terminal.ts";
import type { Invocation } from "../../program.ts";
import { openToChange, openToRead, type PlaceOptions } from "../../store/open-store.ts";

/** The options of the commands of `deferred`. */
export interface DeferredOptions extends PlaceOptions {
  readonly json?: boolean;
  readonly all?: boolean;
  readonly maildrop?: string;
}

/** `mailonce deferred list [ACCOUNT]` */
export async function listDeferred(
  place: string | undefined,
  options: DeferredOptions,
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
  for await (const message of deferredMessages(store, maildrop)) {
    shown++;
    if (options.json === true) await terminal.write(jsonLine(deferredLine(message)));
    else await show(message, terminal);
  }
  if (shown === 0 && options.json !== true) terminal.note("No messages are deferred.");
  return EXIT.done;
}

/** `mailonce deferred retry ID…|--all` and `mailonce deferred drop ID…` */
export async function changeDeferred(
  action: "retry" | "drop",
  ids: readonly string[],
  options: DeferredOptions,
  { terminal, env }: Invocation,
): Promise<ExitCode> {
  if (ids.length > 0 === (options.all === true))
    throw new FailureError("usage", "give the ids of messages, or --all", EXIT.usage);
  await using store = (await openToChange(options, env)).store;
  if (store === null) throw new FailureError("no-such-message", NO_DATABASE, EXIT.usage);
  const messages = await chooseDeferred(store, options.all === true ? "all" : ids);
  const count = await (action === "retry" ? retryDeferred : dropDeferred)(store, messages);
  if (options.json === true) await terminal.write(jsonLine({ type: "deferred-change", action, count }));
  else {
    const what = action === "retry" ? "will be tried at the next fetch" : "will not be tried again";
    await terminal.line(`${formatCount(count, "message")} ${what}.`);
  }
  return EXIT.done;
}

/** Two lines: which message; what happened, and when it is tried next. */
async function show({ id, maildrop, uniqueId, entry }: DeferredMessage, terminal: Terminal): Promise<void> {
  const { octets, attempts, reason, firstSeen, due, disposition } = entry;
  const facts = [
    terminal.bold(id.slice(0, SHORT_ID_DIGITS)),
    safeLine(maildrop),
    uniqueId === null
      ? "without unique-id"
      : `unique-id ${safeLine(Buffer.from(uniqueId).toString("latin1"))}`,
    ...(octets === null ? [] : [formatOctets(octets)]),
    ...(disposition === "deferred" ? [] : [`${disposition}, but could not be looked at again`]),
  ];
  await terminal.line(facts.join("  "));
  const next = isDue(due, new Date()) ? "at the next fetch" : `from ${formatDate(due)}`;
  const tried = attempts === 0 ? "" : `, tried ${formatCount(attempts, "time")}`;
  const why = reason === null ? "" : `: ${safeLine(reason.message)}`;
  const indent = " ".repeat(SHORT_ID_DIGITS + 2);
  await terminal.line(`${indent}first seen ${formatDate(firstSeen)}${tried}, next ${next}${why}`);
}
