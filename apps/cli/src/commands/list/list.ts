import type { StoredMessage } from "@mailonce/core";
import type { Store } from "@mailonce/runtime";
import type { Invocation } from "../../input/invocation.ts";
import { messageLine } from "../../output/json-lines.ts";
import { MaildropLabels } from "../../output/maildrop-labels.ts";
import { columnHeads, messageColumns, shortId } from "../../output/message-columns.ts";
import { foundMessages, noteUnread, unreadOf } from "../../store/found-messages.ts";
import { type MaildropOptions, readMaildrops } from "../../store/read-maildrops.ts";

interface ListCommandOptions extends MaildropOptions {
  readonly limit?: number;
  readonly where?: string;
  readonly sort?: "date" | "stored";
}

const TERMINAL_LIMIT = 50;

/** `mailonce list [ACCOUNT]` */
export async function listMessages(
  place: string | undefined,
  options: ListCommandOptions,
  invocation: Invocation,
): Promise<void> {
  const { where } = options;
  const search = where === undefined ? null : (await import("@mailonce/core/search")).compileSearch(where);
  return readMaildrops(place, options, invocation, async (store, selection) => {
    const { terminal } = invocation;
    const byDefault =
      terminal.outputIsTerminal && options.json !== true ? TERMINAL_LIMIT : Number.POSITIVE_INFINITY;
    const limit = options.limit ?? byDefault;
    const query = {
      ...selection,
      order: options.sort ?? "date",
      // One more than is shown tells whether there are more.
      ...(limit === Number.POSITIVE_INFINITY ? {} : { limit: limit + 1 }),
    };
    // Where messages of several accounts may be listed, each line says whose it is.
    const names = selection.maildrop === undefined ? (await store.maildrops()).map(({ name }) => name) : [];
    const labels = new MaildropLabels(terminal, names);
    const show = async (message: StoredMessage, isFirst: boolean): Promise<void> => {
      if (options.json === true) return terminal.json(messageLine(message));
      if (isFirst)
        await terminal.line(terminal.bold(columnHeads(["ID".padEnd(12), ...labels.of("ACCOUNT")], terminal)));
      const first = [shortId(message.id), ...labels.of(message.maildrop)];
      await terminal.line(messageColumns(message, first, terminal));
    };
    let shown = 0;
    const messages =
      search === null ? store.messages(query) : matching(store, { query: search, ...selection }, limit);
    for await (const message of messages) {
      if (shown === limit) {
        if (options.limit === undefined) terminal.note(`There are more; 'mailonce list --limit N' shows N.`);
        break;
      }
      await show(message, shown++ === 0);
    }
    if (search !== null) noteUnread(await unreadOf(store, search), terminal);
    if (shown === 0 && options.json !== true)
      terminal.note(search === null ? "No messages are stored." : "No message matches.");
  });
}

/** One more than is shown, as above. */
async function* matching(
  store: Store,
  request: Parameters<Store["search"]>[0],
  limit: number,
): AsyncGenerator<StoredMessage> {
  for await (const { message } of foundMessages(store, request, limit + 1)) yield message;
}
