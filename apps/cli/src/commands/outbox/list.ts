import type { Invocation } from "../../input/invocation.ts";
import { shortId } from "../../output/message-columns.ts";
import { type MaildropOptions, readMaildrops } from "../../store/read-maildrops.ts";
import { deliveryInWords, deliveryLine } from "./delivery.ts";

interface OutboxListCommandOptions extends MaildropOptions {
  readonly all?: boolean;
}

/** `mailonce outbox list [ACCOUNT]` */
export function listOutbox(
  place: string | undefined,
  options: OutboxListCommandOptions,
  invocation: Invocation,
): Promise<void> {
  return readMaildrops(place, options, invocation, async (store, selection) => {
    const { terminal } = invocation;
    let shown = 0;
    const states = options.all === true ? {} : { states: ["pending", "dead"] as const };
    for await (const entry of store.outbox.entries({ ...selection, ...states })) {
      shown++;
      if (options.json === true) await terminal.json(deliveryLine(entry));
      else await terminal.line(`${terminal.bold(shortId(entry.messageId))}  ${deliveryInWords(entry)}`);
    }
    if (shown === 0 && options.json !== true) terminal.note("The outbox is empty.");
  });
}
