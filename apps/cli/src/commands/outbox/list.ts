import type { CommonOptions } from "../../accounts/accounts-file.ts";
import { chosenMaildrop } from "../../accounts/choose-maildrop.ts";
import { EXIT, type ExitCode } from "../../exit-code.ts";
import type { Invocation } from "../../input/invocation.ts";
import { jsonLine } from "../../output/json-lines.ts";
import { shortId } from "../../output/message-columns.ts";
import { NO_DATABASE, openToRead } from "../../store/open-store.ts";
import { deliveryInWords, deliveryLine } from "./delivery.ts";

/** The options of `outbox list`. */
interface OutboxListCommandOptions extends CommonOptions {
  readonly all?: boolean;
  readonly maildrop?: string;
}

/** `mailonce outbox list [ACCOUNT]` */
export async function listOutbox(
  place: string | undefined,
  options: OutboxListCommandOptions,
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
    else await terminal.line(`${terminal.bold(shortId(entry.messageId))}  ${deliveryInWords(entry)}`);
  }
  if (shown === 0 && options.json !== true) terminal.note("The outbox is empty.");
  return EXIT.done;
}
