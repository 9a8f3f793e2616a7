import { jsonLine } from "./json-line.ts";
import { safeLine } from "./safe-text.ts";

/** The reader of standard output has closed it, as `head` does. The command then ends without a message. */
export class OutputClosedError extends Error {
  constructor() {
    super("standard output is closed");
    this.name = "OutputClosedError";
  }
}

/** Standard output cannot be written: the disk is full, say. */
export class OutputFailedError extends Error {
  readonly code = "cannot-write";

  constructor(message: string) {
    super(message);
    this.name = "OutputFailedError";
  }
}

/**
 * Standard output for results, standard error for everything else, and a status of one or more lines on standard error
 * that makes room for whatever is written.
 */
export class Terminal {
  /** Whether results go to a terminal: then they are fitted to its width. */
  readonly outputIsTerminal: boolean;
  /** Whether standard error is a terminal on which a line can be drawn again and again. */
  readonly statusIsPossible: boolean;
  readonly #out: NodeJS.WriteStream;
  readonly #err: NodeJS.WriteStream;
  readonly #colour: boolean;
  /** The status that is to be shown. */
  #status = "";
  /** The part of it that stands on the terminal now: it is empty while something else is being written. */
  #drawn = "";
  #writing = 0;
  #quiet = false;
  readonly #closing = new AbortController();

  constructor(out: NodeJS.WriteStream, err: NodeJS.WriteStream, env: NodeJS.ProcessEnv) {
    this.#out = out;
    this.#err = err;
    this.outputIsTerminal = out.isTTY === true;
    this.statusIsPossible = err.isTTY === true && env["TERM"] !== "dumb";
    // https://no-color.org: any value that is not empty.
    this.#colour = this.outputIsTerminal && !env["NO_COLOR"] && env["TERM"] !== "dumb";
    // The writer is told by its callback. Without a listener here the error would end the process besides.
    out.on("error", (error) => this.#fail(error));
    // An error of standard error can be told to nobody.
    err.on("error", () => undefined);
  }

  /** From now on lines of results and the status line are left out; results for programs and notes are not. */
  hush(): void {
    this.status("");
    this.#quiet = true;
  }

  /** Aborted when nothing more can be written to standard output, so that work whose results go there can end. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /** Columns of the terminal that results go to; unlimited if it is none. */
  get columns(): number {
    return this.outputIsTerminal ? this.#out.columns || 80 : Number.POSITIVE_INFINITY;
  }

  /** Columns of the terminal that the status line goes to. */
  get statusColumns(): number {
    return this.#err.columns || 80;
  }

  /** Lines of the terminal that the status goes to. */
  get statusRows(): number {
    return this.#err.rows || 24;
  }

  /** Writes results as they are. Resolves when more may be written. @throws OutputClosedError, OutputFailedError */
  async write(results: string | Uint8Array): Promise<void> {
    this.#closing.signal.throwIfAborted();
    if (this.outputIsTerminal) this.#hide();
    try {
      await new Promise<void>((resolve, reject) => {
        this.#out.write(results, (error) => {
          if (error) reject(this.#fail(error));
          else resolve();
        });
      });
    } finally {
      // The status may have changed while this was written: shown is what it is now.
      if (this.outputIsTerminal) this.#show();
    }
  }

  /** Writes one line of results. @throws OutputClosedError, OutputFailedError */
  line(text: string): Promise<void> {
    return this.lines([text]);
  }

  /** Writes lines of results at once. @throws OutputClosedError, OutputFailedError */
  async lines(texts: readonly string[]): Promise<void> {
    if (this.#quiet || texts.length === 0) return;
    await this.write(texts.map((text) => `${text.trimEnd()}\n`).join(""));
  }

  /** Writes results for programs at once, each as one line of JSON. @throws OutputClosedError, OutputFailedError */
  json(...values: readonly object[]): Promise<void> {
    return this.write(values.map(jsonLine).join(""));
  }

  /** Tells how a command went: programs by a line of JSON, people by a sentence, which is made safe. */
  result(json: boolean | undefined, line: object, sentence: string): Promise<void> {
    return json === true ? this.json(line) : this.line(safeLine(sentence));
  }

  /** Writes one line to standard error; it is made safe. */
  note(text: string): void {
    this.verbatim([safeLine(text)]);
  }

  /** Writes lines to standard error that are safe already. */
  verbatim(lines: readonly string[]): void {
    this.#hide();
    for (const line of lines) this.#err.write(`${line}\n`);
    this.#show();
  }

  /**
   * Shows this instead of the status so far; an empty text removes it. It may have several lines, none longer than the
   * terminal is wide. Where standard error is no terminal this does nothing.
   */
  status(text: string): void {
    if (!this.statusIsPossible || this.#quiet) return;
    this.#status = text;
    if (this.#writing === 0) this.#draw(text);
  }

  #hide(): void {
    this.#writing++;
    this.#draw("");
  }

  #show(): void {
    this.#writing--;
    if (this.#writing === 0) this.#draw(this.#status);
  }

  #draw(text: string): void {
    if (text === this.#drawn) return;
    const above = this.#drawn.split("\n").length - 1;
    this.#drawn = text;
    // The cursor goes up to the first line of the old status. Each new line replaces an old one; those left are erased.
    const up = above > 0 ? `\u001b[${above}A` : "";
    const rest = above > 0 ? "\u001b[J" : "";
    this.#err.write(`\r${up}${text.replaceAll("\n", "\u001b[K\n")}\u001b[K${rest}`);
  }

  /** Bold, where results go to a terminal that may be coloured. */
  bold(text: string): string {
    return this.#colour ? `\u001b[1m${text}\u001b[22m` : text;
  }

  /** Faint, where results go to a terminal that may be coloured. */
  faint(text: string): string {
    return this.#colour ? `\u001b[2m${text}\u001b[22m` : text;
  }

  #fail(error: NodeJS.ErrnoException): Error {
    const { code = "unknown error" } = error;
    const failure =
      code === "EPIPE" || code === "ERR_STREAM_DESTROYED"
        ? new OutputClosedError()
        : new OutputFailedError(
            `cannot write to standard output: ${code === "ENOSPC" ? "the disk is full" : code}`,
          );
    this.#closing.abort(failure);
    return failure;
  }
}
