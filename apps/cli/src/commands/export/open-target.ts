import type { StoredMessage } from "@mailonce/core";
import type { HeldExport, Store } from "@mailonce/runtime";
import type { Terminal } from "../../output/terminal.ts";
import { intactContent } from "../../store/intact-content.ts";
import { EmlFolder } from "./eml-folder.ts";
import type { ContentOf, ExportFormat, ExportTarget } from "./export-target.ts";
import { GrowingFile } from "./growing-file.ts";
import { jsonMessage } from "./json-message.ts";
import { Maildir } from "./maildir.ts";
import { mboxMessage } from "./mbox-message.ts";
import { StandardOutput } from "./standard-output.ts";
import { WholeFile } from "./whole-file.ts";

/** What is to be written, and where to. */
export interface TargetRequest {
  readonly store: Store;
  readonly terminal: Terminal;
  readonly format: ExportFormat;
  /** Absolute; `-`: standard output. */
  readonly path: string;
  /** Whether JSON Lines have the messages' octets, too. */
  readonly raw: boolean;
  /** The export whose new messages these are; null: an export without a name. */
  readonly held: HeldExport | null;
}

/** Opens what messages are written to. @throws FailureError (`unwritable`) */
export function openTarget(request: TargetRequest): Promise<ExportTarget> {
  const { terminal, format, path, held } = request;
  const content = contentOf(request);
  if (format === "eml") return EmlFolder.open(path, content);
  if (format === "maildir") return Maildir.open(path, content);
  if (path === "-") return Promise.resolve(new StandardOutput(terminal, content));
  return held === null ? WholeFile.open(path, content) : GrowingFile.open(held, { format, path }, content);
}

/** What stands in the target for a message. */
function contentOf({ store, format, raw }: TargetRequest): ContentOf {
  const octetsOf = (message: StoredMessage): AsyncIterable<Uint8Array> =>
    intactContent(message, store.content(message.id));
  if (format === "mbox") return (message) => mboxMessage(message, octetsOf(message));
  if (format !== "jsonl") return octetsOf;
  return async function* (message) {
    const content = await store.contents.read(message.id);
    yield* jsonMessage(message, content, raw ? octetsOf(message) : null);
  };
}
