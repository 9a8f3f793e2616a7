import type { Invocation } from "../../input/invocation.ts";
import { usageError } from "../../input/usage-error.ts";
import { messageLine } from "../../output/json-lines.ts";
import { MaildropLabels } from "../../output/maildrop-labels.ts";
import { columnHeads, messageColumns, shortId } from "../../output/message-columns.ts";
import { type FoundMessage, foundMessages, noteUnread, unreadOf } from "../../store/found-messages.ts";
import { type MaildropOptions, readMaildrops } from "../../store/read-maildrops.ts";
import { snippetLine } from "./snippet-line.ts";

interface SearchCommandOptions extends MaildropOptions {
  readonly limit?: number;
  readonly after?: string;
  readonly best?: boolean;
}

const TERMINAL_LIMIT = 50;
/** The form of what `next` is. */
const CURSOR = { newest: /^w[0-9a-f]{32}$/, best: /^b[0-9a-f]{36}$/ } as const;

/** `mailonce search QUERY…` */
export async function searchMessages(
  words: readonly string[],
  options: SearchCommandOptions,
  invocation: Invocation,
): Promise<void> {
  const { compileSearch } = await import("@mailonce/core/search");
  const query = compileSearch(words.join(" "));
  const { after } = options;
  const order = options.best === true ? ("best" as const) : ("newest" as const);
  if (after !== undefined && !CURSOR[order].test(after))
    throw usageError(
      "option",
      `--after takes what another search ${order === "best" ? "with" : "without"} --best named as the place to go on from`,
    );
  return readMaildrops(undefined, options, invocation, async (store, selection) => {
    const { terminal } = invocation;
    const byDefault =
      terminal.outputIsTerminal && options.json !== true ? TERMINAL_LIMIT : Number.POSITIVE_INFINITY;
    const limit = options.limit ?? byDefault;
    const names = selection.maildrop === undefined ? (await store.maildrops()).map(({ name }) => name) : [];
    const labels = new MaildropLabels(terminal, names);
    const show = async ({ message, snippet }: FoundMessage, isFirst: boolean): Promise<void> => {
      if (options.json === true) return terminal.json(messageLine(message, { snippet }));
      if (isFirst)
        await terminal.line(terminal.bold(columnHeads(["ID".padEnd(12), ...labels.of("ACCOUNT")], terminal)));
      const first = [shortId(message.id), ...labels.of(message.maildrop)];
      const line = messageColumns(message, first, terminal);
      await terminal.lines(snippet === null ? [line] : [line, snippetLine(snippet, terminal)]);
    };
    const search = { query, order, ...selection, ...(after === undefined ? {} : { cursor: after }) };
    const found = foundMessages(store, search, limit);
    let shown = 0;
    let next: string | null = null;
    for (;;) {
      const step = await found.next();
      if (step.done === true) {
        next = step.value;
        break;
      }
      await show(step.value, shown++ === 0);
    }
    const unread = await unreadOf(store, query);
    if (options.json === true) return terminal.json({ type: "search", query: query.query, next, unread });
    if (shown === 0) terminal.note("No message is found.");
    if (next !== null)
      terminal.note(`There may be more; go on with ${order === "best" ? "--best " : ""}--after ${next}`);
    noteUnread(unread, terminal);
  });
}
