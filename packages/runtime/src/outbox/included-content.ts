import { MailonceError } from "@mailonce/core";
import type { IncludeSettings } from "../account/settings.ts";
import type { ContentReader } from "../content/content-reader.ts";
import type { ContentFacts } from "../content/facts.ts";
import { ReaderError } from "../content/reader-error.ts";
import { beginningOf } from "../text/beginning.ts";

/** How long the reading of one message may take, from its first octet to its last. */
const READ_MS = 30_000;
/** The longest that a hook waits for what is in a message: the process has to start, too, and has a minute for that. */
export const LONGEST_READ_MS = READ_MS + 60_000;

const LATE = `it took longer than ${READ_MS / 1000} s`;

/** All that a hook might be told is read, whatever is kept of it in the database. */
const SETTINGS = { text: true, html: true, attachments: "metadata" } as const;

/** A part of a message as a hook is told of it; its octets are not in it. */
type IncludedPart = Omit<ContentFacts["parts"][number], "sha256"> & {
  /** In hexadecimal. */
  readonly sha256: string;
};

/** What a hook is told of what is in a message: what it wants of it. `…Cut`: there is more than that. */
export type IncludedContent =
  | {
      readonly status: "read";
      readonly text?: string;
      readonly textCut?: boolean;
      readonly html?: string | null;
      readonly htmlCut?: boolean;
      readonly parts?: readonly IncludedPart[];
      readonly partsCut?: boolean;
    }
  /** The message could not be read, and why, in words. */
  | { readonly status: "failed"; readonly reason: string };

/**
 * Reads what hooks are told of what is in messages, from the stored octets, as show and search read them: it waits for nobody
 * who makes the rows of it. Each message is read in a process that ends with it if it has to; it is kept for the next ones.
 */
export class IncludedContents implements AsyncDisposable {
  readonly #program: URL | undefined;
  readonly #idle: ContentReader[] = [];

  /** @param program the module that reads; the one of {@link ContentReader} if absent */
  constructor(program?: URL) {
    this.#program = program;
  }

  /** @throws what reading the octets throws, but for a message that is damaged; the signal's reason */
  async read(
    content: AsyncIterable<Uint8Array>,
    include: IncludeSettings,
    signal: AbortSignal,
  ): Promise<IncludedContent> {
    signal.throwIfAborted();
    const reader = this.#idle.pop() ?? (await this.#newReader());
    const end = (): void => void reader.end();
    let timer: NodeJS.Timeout | undefined;
    let isLate = false;
    // That the process has to start first is no matter of the message.
    const timed = startingWith(content, () => {
      timer = setTimeout(() => {
        isLate = true;
        end();
      }, READ_MS);
    });
    signal.addEventListener("abort", end);
    try {
      return included(await reader.read(timed), include);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ReaderError) return { status: "failed", reason: isLate ? LATE : error.message };
      if (error instanceof MailonceError && error.code === "message-damaged")
        return { status: "failed", reason: "octets of it are missing in the database" };
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      this.#idle.push(reader);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((reader) => reader.end()));
  }

  /** Loaded when it is needed: most hooks are told of headers alone. */
  async #newReader(): Promise<ContentReader> {
    const { ContentReader } = await import("../content/content-reader.ts");
    const options = { settings: SETTINGS, mostMs: READ_MS };
    return new ContentReader(this.#program === undefined ? options : { ...options, program: this.#program });
  }
}

/** The content; `start` is called when its first octets are asked for. */
async function* startingWith(
  content: AsyncIterable<Uint8Array>,
  start: () => void,
): AsyncGenerator<Uint8Array> {
  start();
  yield* content;
}

function included(facts: ContentFacts, { what, octets }: IncludeSettings): IncludedContent {
  const text = beginningOf(facts.text ?? "", octets);
  const html = facts.html === null ? null : beginningOf(facts.html, octets);
  const parts = firstParts(facts, octets);
  return {
    status: "read",
    ...(what.includes("text") ? { text: text.text, textCut: text.isCut || facts.textCut } : {}),
    ...(what.includes("html") ? { html: html?.text ?? null, htmlCut: html?.isCut ?? false } : {}),
    ...(what.includes("parts") ? { parts, partsCut: parts.length < facts.parts.length } : {}),
  };
}

/** As many parts as fit into so many octets of JSON. */
function firstParts({ parts }: ContentFacts, octets: number): readonly IncludedPart[] {
  const first: IncludedPart[] = [];
  let left = octets;
  for (const part of parts) {
    const { number, mimeType, charset, fileName, disposition, contentId, use } = part;
    const sha256 = Buffer.from(part.sha256).toString("hex");
    const told = {
      number,
      mimeType,
      charset,
      fileName,
      disposition,
      contentId,
      octets: part.octets,
      sha256,
      use,
    };
    left -= Buffer.byteLength(JSON.stringify(told)) + 1;
    if (left < 0) break;
    first.push(told);
  }
  return first;
}
