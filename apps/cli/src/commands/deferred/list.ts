import { dueTime, isDue } from "@mailonce/core";
import { type DeferredMessage, deferredMessages, SHORT_ID_DIGITS } from "@mailonce/runtime";
import type { Invocation } from "../../input/invocation.ts";
import { formatCount, formatDate, formatOctets, uniqueIdText } from "../../output/format.ts";
import { safeLine } from "../../output/safe-text.ts";
import type { Terminal } from "../../output/terminal.ts";
import { type MaildropOptions, readMaildrops } from "../../store/read-maildrops.ts";

/** `mailonce deferred list [ACCOUNT]` */
export function listDeferred(
  place: string | undefined,
  options: MaildropOptions,
  invocation: Invocation,
): Promise<void> {
  return readMaildrops(place, options, invocation, async (store, { maildrop }) => {
    const { terminal } = invocation;
    let shown = 0;
    for await (const message of deferredMessages(store, maildrop)) {
      shown++;
      if (options.json === true) await terminal.json(deferredLine(message));
      else await show(message, terminal);
    }
    if (shown === 0 && options.json !== true) terminal.note("No messages are deferred.");
  });
}

/** Two lines: which message; what happened, and when it is tried next. */
async function show({ id, maildrop, uniqueId, entry }: DeferredMessage, terminal: Terminal): Promise<void> {
  const { octets, attempts, reason, firstSeen, due, disposition } = entry;
  const text = uniqueIdText(uniqueId);
  const facts = [
    terminal.bold(id.slice(0, SHORT_ID_DIGITS)),
    safeLine(maildrop),
    text === null ? "without unique-id" : `unique-id ${safeLine(text)}`,
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

/**
 * `{"type":"deferred",…}`; `due` is when it is tried next, null for the next fetch. `disposition` is `deferred`, or that of
 * a message that was settled before, and that a later fetch failed to look at again.
 */
function deferredLine({ id, maildrop, uniqueId, entry }: DeferredMessage): object {
  const { disposition, octets, attempts, reason, firstSeen, due } = entry;
  return {
    type: "deferred",
    id,
    maildrop,
    uniqueId: uniqueIdText(uniqueId),
    disposition,
    octets,
    attempts,
    reason,
    firstSeen,
    due: due && dueTime(due, new Date()),
  };
}
