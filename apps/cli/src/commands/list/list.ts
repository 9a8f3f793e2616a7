import type { StoredMessage } from "@mailonce/core";
import type { CommonOptions } from "../../accounts/accounts-file.ts";
import { chosenMaildrop } from "../../accounts/choose-maildrop.ts";
import { EXIT, type ExitCode } from "../../exit-code.ts";
import type { Invocation } from "../../input/invocation.ts";
import { jsonLine, messageLine } from "../../output/json-lines.ts";
import { MaildropLabels } from "../../output/maildrop-labels.ts";
import { columnHeads, messageColumns, shortId } from "../../output/message-columns.ts";
import { NO_DATABASE, openToRead } from "../../store/open-store.ts";

/** The options of list. */
interface ListCommandOptions extends CommonOptions {
  readonly maildrop?: string;
  readonly limit?: number;
  readonly sort?: "date" | "stored";
}

const TERMINAL_LIMIT = 50;

/** `mailonce list [ACCOUNT]` */
export async function listMessages(
  place: string | undefined,
  options: ListCommandOptions,
  { terminal, env }: Invocation,
): Promise<ExitCode> {
  const { store: opened, configuration } = await openToRead(options, env);
  await using store = opened;
  const maildrop = await chosenMaildrop(place, options.maildrop, { configuration, store });
  if (store === null) {
    terminal.note(`mailonce: ${NO_DATABASE}`);
    return EXIT.done;
  }
  const byDefault =
    terminal.outputIsTerminal && options.json !== true ? TERMINAL_LIMIT : Number.POSITIVE_INFINITY;
  const limit = options.limit ?? byDefault;
  const query = {
    ...(maildrop === undefined ? {} : { maildrop }),
    order: options.sort ?? "date",
    // One more than is shown tells whether there are more.
    ...(limit === Number.POSITIVE_INFINITY ? {} : { limit: limit + 1 }),
  };
  // Whose each message is stands where it may be several accounts'.
  const names = maildrop === undefined ? (await store.maildrops()).map(({ name }) => name) : [];
  const labels = new MaildropLabels(terminal, names);
  let shown = 0;
  for await (const message of store.messages(query)) {
    if (shown === limit) {
      if (options.limit === undefined) terminal.note(`There are more; 'mailonce list --limit N' shows N.`);
      break;
    }
    await show(message, shown++ === 0);
  }
  if (shown === 0 && options.json !== true) terminal.note("No messages are stored.");
  return EXIT.done;

  async function show(message: StoredMessage, isFirst: boolean): Promise<void> {
    if (options.json === true) return terminal.write(jsonLine(messageLine(message)));
    if (isFirst) await terminal.line(terminal.bold(columnHeads(["ID".padEnd(12), ...labels.head], terminal)));
    await terminal.line(
      messageColumns(message, [shortId(message.id), ...labels.of(message.maildrop)], terminal),
    );
  }
}
