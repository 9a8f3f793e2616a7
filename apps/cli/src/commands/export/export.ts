import { resolve } from "node:path";
import { watchInterrupt } from "../../input/interrupt.ts";
import type { Invocation } from "../../input/invocation.ts";
import { formatCount } from "../../output/format.ts";
import { messageLine } from "../../output/json-lines.ts";
import { type MaildropOptions, readMaildrops } from "../../store/read-maildrops.ts";
import { ExportFolder } from "./export-folder.ts";

interface ExportCommandOptions extends MaildropOptions {
  readonly to: string;
  readonly limit?: number;
}

const STATUS_EVERY_MS = 100;

/** `mailonce export --to DIR [ACCOUNT]` */
export async function exportMessages(
  place: string | undefined,
  options: ExportCommandOptions,
  invocation: Invocation,
): Promise<void> {
  const { terminal } = invocation;
  using interrupt = watchInterrupt(terminal);
  const { json, limit } = options;
  await readMaildrops(place, options, invocation, async (store, selection) => {
    const folder = await ExportFolder.open(resolve(options.to));
    const count = { written: 0, present: 0 };
    let nextStatus = 0;
    try {
      for await (const message of store.messages({
        ...selection,
        ...(limit === undefined ? {} : { limit }),
      })) {
        interrupt.signal.throwIfAborted();
        const { file, status } = await folder.write(message, () => store.content(message.id));
        count[status]++;
        if (json === true) await terminal.json(messageLine(message, { file, status }));
        if (performance.now() < nextStatus) continue;
        terminal.status(`exporting … ${formatCount(count.written + count.present, "message")}`);
        nextStatus = performance.now() + STATUS_EVERY_MS;
      }
    } finally {
      terminal.status("");
    }
    const there = count.present === 0 ? "" : `, ${count.present} there already`;
    const sentence = `${formatCount(count.written, "message")} written to ${folder.path}${there}.`;
    if (json === true) terminal.note(sentence);
    else await terminal.line(sentence);
  });
}
