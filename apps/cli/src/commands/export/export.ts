import { resolve } from "node:path";
import type { StoredMessage } from "@mailonce/core";
import type { StoredQuery } from "@mailonce/core/search";
import { HeldExport, type Store } from "@mailonce/runtime";
import { chosenMaildrop } from "../../accounts/choose-maildrop.ts";
import { watchInterrupt } from "../../input/interrupt.ts";
import type { Invocation } from "../../input/invocation.ts";
import { usageError } from "../../input/usage-error.ts";
import { formatCount } from "../../output/format.ts";
import { messageLine } from "../../output/json-lines.ts";
import type { Terminal } from "../../output/terminal.ts";
import { foundMessages, noteUnread, unreadOf } from "../../store/found-messages.ts";
import { NO_DATABASE, openToChange } from "../../store/open-store.ts";
import { type MaildropOptions, type MaildropSelection, readMaildrops } from "../../store/read-maildrops.ts";
import type { ExportedFile, ExportFormat } from "./export-target.ts";
import { forgetExport } from "./forget.ts";
import { NotedWriter, newMessages, refuseElsewhere } from "./new-messages.ts";
import { openTarget } from "./open-target.ts";

interface ExportCommandOptions extends MaildropOptions {
  readonly to: string;
  readonly format: ExportFormat;
  readonly where?: string;
  readonly limit?: number;
  readonly new?: string;
  readonly raw?: boolean;
}

const STATUS_EVERY_MS = 100;

/** `mailonce export --to PATH [ACCOUNT]`, `mailonce export --forget NAME` */
export async function exportOrForget(
  place: string | undefined,
  { to, forget, ...options }: Partial<ExportCommandOptions> & { readonly forget?: string },
  invocation: Invocation,
): Promise<void> {
  if (forget !== undefined) {
    if (place !== undefined)
      throw usageError("option", "--forget takes the name of an export, and no account");
    await forgetExport(forget, options, invocation);
    return;
  }
  if (to === undefined) throw usageError("option", "say where to write by --to");
  await exportMessages(place, { format: "eml", ...options, to }, invocation);
}

async function exportMessages(
  place: string | undefined,
  options: ExportCommandOptions,
  invocation: Invocation,
): Promise<void> {
  checkOptions(options);
  const { where, new: name } = options;
  const query = where === undefined ? null : (await import("@mailonce/core/search")).compileSearch(where);
  if (name === undefined) {
    await readMaildrops(place, options, invocation, async (store, selection) => {
      await new Export(store, selection, query, options, invocation).writeAll();
    });
    return;
  }
  // It writes notes, so tables of an older version are brought up to date first.
  const { store: opened, configuration } = await openToChange(options, invocation.env);
  await using store = opened;
  const maildrop = await chosenMaildrop(place, options.maildrop, configuration, store);
  if (store === null) {
    invocation.terminal.note(`mailonce: ${NO_DATABASE}`);
    return;
  }
  const selection = maildrop === undefined ? {} : { maildrop };
  await new Export(store, selection, query, options, invocation).writeNew(name);
}

/** @throws FailureError (`usage`) */
function checkOptions({ to, format, raw, json, new: name }: ExportCommandOptions): void {
  if (raw === true && format !== "jsonl")
    throw usageError("option", "--raw is for --format jsonl; the other formats are the messages' octets");
  if (to !== "-") return;
  if (format === "eml" || format === "maildir")
    throw usageError("option", `--format ${format} writes a folder: --to takes its name`);
  if (json === true) throw usageError("option", "with --to - standard output is taken, also for --json");
  if (name !== undefined)
    throw usageError("option", "--new takes a file: nobody knows what the reader of standard output has had");
}

/** One run of the command. */
class Export {
  readonly #store: Store;
  readonly #selection: MaildropSelection;
  readonly #query: StoredQuery | null;
  readonly #options: ExportCommandOptions;
  readonly #terminal: Terminal;
  readonly #path: string;
  readonly #count = { written: 0, present: 0 };
  #nextStatus = 0;

  constructor(
    store: Store,
    selection: MaildropSelection,
    query: StoredQuery | null,
    options: ExportCommandOptions,
    { terminal }: Invocation,
  ) {
    this.#store = store;
    this.#selection = selection;
    this.#query = query;
    this.#options = options;
    this.#terminal = terminal;
    this.#path = options.to === "-" ? "-" : resolve(options.to);
  }

  /** Writes all that is asked for. */
  async writeAll(): Promise<void> {
    using interrupt = watchInterrupt(this.#terminal);
    await using target = await openTarget(this.#request(null));
    try {
      for await (const message of this.#limited(this.#messages())) {
        interrupt.signal.throwIfAborted();
        await this.#tell(message, await target.write(message));
      }
      await target.settle();
    } finally {
      this.#terminal.status("");
    }
    await this.#summarize(target.path);
  }

  /** Writes what the export of this name has not had. */
  async writeNew(name: string): Promise<void> {
    const { format } = this.#options;
    using interrupt = watchInterrupt(this.#terminal);
    await using held = await HeldExport.take(this.#store, name);
    refuseElsewhere(held, format, this.#path);
    await using target = await openTarget(this.#request(held));
    if (format === "eml" || format === "maildir")
      await held.note([], {
        ...{ place: { format, path: this.#path }, fileOctets: 0, fileMark: null },
        endedCleanly: false,
      });
    const writer = new NotedWriter(held, target);
    const messages = newMessages(held, this.#store, this.#query, this.#selection);
    try {
      try {
        for await (const message of this.#limited(messages)) {
          interrupt.signal.throwIfAborted();
          for (const one of await writer.write(message)) await this.#tell(one.message, one.exported);
        }
      } finally {
        for (const one of await writer.finish()) await this.#tell(one.message, one.exported);
      }
    } finally {
      this.#terminal.status("");
    }
    await this.#summarize(target.path);
  }

  #request(held: HeldExport | null) {
    const { format, raw = false } = this.#options;
    return { store: this.#store, terminal: this.#terminal, format, path: this.#path, raw, held };
  }

  async *#messages(): AsyncGenerator<StoredMessage> {
    const { limit = Number.POSITIVE_INFINITY } = this.#options;
    if (this.#query === null) {
      yield* this.#store.messages(
        limit === Number.POSITIVE_INFINITY ? this.#selection : { ...this.#selection, limit },
      );
      return;
    }
    const request = { query: this.#query, ...this.#selection };
    for await (const { message } of foundMessages(this.#store, request, limit)) yield message;
  }

  async *#limited(messages: AsyncIterable<StoredMessage>): AsyncGenerator<StoredMessage> {
    const { limit = Number.POSITIVE_INFINITY } = this.#options;
    let count = 0;
    for await (const message of messages) {
      yield message;
      if (++count === limit) return;
    }
  }

  async #tell(message: StoredMessage, exported: ExportedFile): Promise<void> {
    const { written, present } = this.#count;
    this.#count[exported.status]++;
    if (this.#options.json === true) await this.#terminal.json(messageLine(message, exported));
    if (performance.now() < this.#nextStatus) return;
    this.#terminal.status(`exporting … ${formatCount(written + present + 1, "message")}`);
    this.#nextStatus = performance.now() + STATUS_EVERY_MS;
  }

  async #summarize(path: string): Promise<void> {
    const { written, present } = this.#count;
    const { json, format } = this.#options;
    const there = present === 0 ? "" : `, ${present} there already`;
    const sentence = `${formatCount(written, "message")} written to ${path}${there}.`;
    if (this.#query !== null) noteUnread(await unreadOf(this.#store, this.#query), this.#terminal);
    if (this.#path === "-") this.#terminal.note(sentence);
    else await this.#terminal.result(json, { type: "exported", format, path, written, present }, sentence);
  }
}
