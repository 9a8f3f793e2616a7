import { resolve } from "node:path";
import type { CommonOptions } from "../../accounts/accounts-file.ts";
import { chosenMaildrop } from "../../accounts/choose-maildrop.ts";
import { EXIT, type ExitCode } from "../../exit-code.ts";
import { watchInterrupt } from "../../input/interrupt.ts";
import type { Invocation } from "../../input/invocation.ts";
import { formatCount } from "../../output/format.ts";
import { jsonLine, messageLine } from "../../output/json-lines.ts";
import { NO_DATABASE, openToRead } from "../../store/open-store.ts";
import { ExportFolder } from "./export-folder.ts";

/** The options of export. */
interface ExportCommandOptions extends CommonOptions {
  readonly to: string;
  readonly maildrop?: string;
  readonly limit?: number;
}

const STATUS_EVERY_MS = 100;

/** `mailonce export --to DIR [ACCOUNT]` */
export async function exportMessages(
  place: string | undefined,
  options: ExportCommandOptions,
  { terminal, env }: Invocation,
): Promise<ExitCode> {
  using interrupt = watchInterrupt(terminal);
  const { store: opened, configuration } = await openToRead(options, env);
  await using store = opened;
  const maildrop = await chosenMaildrop(place, options.maildrop, { configuration, store });
  if (store === null) {
    terminal.note(`mailonce: ${NO_DATABASE}`);
    return EXIT.done;
  }
  const folder = await ExportFolder.open(resolve(options.to));
  const query = {
    ...(maildrop === undefined ? {} : { maildrop }),
    ...(options.limit === undefined ? {} : { limit: options.limit }),
  };
  let written = 0;
  let present = 0;
  let nextStatus = 0;
  try {
    for await (const message of store.messages(query)) {
      interrupt.signal.throwIfAborted();
      const { file, status } = await folder.write(message, () => store.content(message.id));
      if (status === "written") written++;
      else present++;
      if (options.json === true) await terminal.write(jsonLine(messageLine(message, { file, status })));
      if (performance.now() >= nextStatus) {
        terminal.status(`exporting … ${formatCount(written + present, "message")}`);
        nextStatus = performance.now() + STATUS_EVERY_MS;
      }
    }
  } finally {
    terminal.status("");
  }
  const there = present === 0 ? "" : `, ${present} there already`;
  const sentence = `${formatCount(written, "message")} written to ${folder.path}${there}.`;
  if (options.json === true) terminal.note(sentence);
  else await terminal.line(sentence);
  return EXIT.done;
}
