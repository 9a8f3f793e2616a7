import type { StoredMessage } from "@mailonce/core";
import type { Terminal } from "../../output/terminal.ts";
import type { ContentOf, ExportedFile, ExportTarget } from "./export-target.ts";

/** Messages one after the other on standard output. */
export class StandardOutput implements ExportTarget {
  readonly path = "standard output";
  readonly #terminal: Terminal;
  readonly #content: ContentOf;

  constructor(terminal: Terminal, content: ContentOf) {
    this.#terminal = terminal;
    this.#content = content;
  }

  async write(message: StoredMessage): Promise<ExportedFile> {
    for await (const octets of this.#content(message)) await this.#terminal.write(octets);
    return { file: null, status: "written" };
  }

  async settle(): Promise<object> {
    return {};
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
