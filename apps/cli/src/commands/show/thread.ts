import type { StoredMessage } from "@mailonce/core";
import type { Store } from "@mailonce/runtime";
import { formatCount } from "../../output/format.ts";
import { messageLine } from "../../output/json-lines.ts";
import { MaildropLabels } from "../../output/maildrop-labels.ts";
import { columnHeads, messageColumns, shortId } from "../../output/message-columns.ts";
import { cut, safeLine } from "../../output/safe-text.ts";
import type { Terminal } from "../../output/terminal.ts";

/** Messages of a conversation that are shown. */
const MOST_SHOWN = 10_000;
const ASKED = ">";
const COPY = "=";

/** Shows the conversation of a message, a line each. */
export async function showThread(
  store: Store,
  { id }: StoredMessage,
  terminal: Terminal,
  json: boolean,
): Promise<void> {
  const { messages, missing, isCut } = await store.thread(id, { limit: MOST_SHOWN });
  const { FACTS_VERSION } = await import("@mailonce/runtime/content");
  const { waiting, claimed } = await store.contents.status(FACTS_VERSION);
  const unread = waiting + claimed;
  if (json) {
    const lines = messages.map(({ message, depth, parent, copyOf }) =>
      messageLine(message, { depth, parent, copyOf, asked: message.id === id }),
    );
    return terminal.json(...lines, { type: "thread", missing, cut: isCut, unread });
  }
  const labels = new MaildropLabels(terminal, [...new Set(messages.map(({ message }) => message.maildrop))]);
  await terminal.line(terminal.bold(columnHeads([" ", "ID".padEnd(12), ...labels.of("ACCOUNT")], terminal)));
  if (missing !== null)
    await terminal.line(terminal.faint(cut(safeLine(`not stored: ${missing}`), terminal.columns)));
  await terminal.lines(
    messages.map(({ message, depth, copyOf }) => {
      const isAsked = message.id === id;
      const mark = isAsked ? ASKED : copyOf === null ? " " : COPY;
      const first = [mark, shortId(message.id), ...labels.of(message.maildrop)];
      const row = { ...message, depth: depth + (missing === null ? 0 : 1) };
      const line = messageColumns(row, first, terminal);
      return isAsked ? terminal.bold(line) : line;
    }),
  );
  if (isCut) terminal.note("The conversation has more messages than these.");
  if (unread > 0)
    terminal.note(`${formatCount(unread, "message")} not read yet may belong to it: run 'mailonce index'`);
}
