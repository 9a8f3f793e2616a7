import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";

/** Above so many waiting commands the server stops reading, as servers do; below half of it it goes on. */
const mostWaiting = 2000;

/** Splits what a client sends into lines, and holds the client back when too many of them wait. */
export class LineInput {
  #socket: Duplex | undefined;
  #rest = "";
  #lines: string[] = [];
  #taken = 0;
  #ended: boolean = false;
  #paused: boolean = false;
  #wake: (() => void) | undefined;
  readonly #receive = (data: Buffer): void => this.#feed(data);
  readonly #end = (): void => {
    this.#ended = true;
    this.#wake?.();
  };

  /** Reads from this stream from now on. */
  attach(socket: Duplex): void {
    this.#socket = socket;
    socket.on("data", this.#receive).on("end", this.#end).on("close", this.#end);
  }

  /** Stops reading and throws away what was read and not taken. @returns its octets */
  detach(): number {
    const socket = this.#socket;
    socket?.off("data", this.#receive).off("end", this.#end).off("close", this.#end);
    socket?.pause();
    this.#socket = undefined;
    return this.drop();
  }

  /** Throws away what was read and not taken. @returns its octets */
  drop(): number {
    const lines = this.#lines.slice(this.#taken);
    const octets = lines.reduce((sum, line) => sum + line.length + 2, this.#rest.length);
    this.#lines = [];
    this.#taken = 0;
    this.#rest = "";
    return octets;
  }

  /** Lines read and not taken yet. */
  get waiting(): number {
    return this.#lines.length - this.#taken;
  }

  /** The next line without its end, octets read as ISO 8859-1; undefined when the client has closed. */
  async next(): Promise<string | undefined> {
    while (this.waiting === 0) {
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const line = this.#lines[this.#taken];
    this.#taken += 1;
    if (this.#taken === this.#lines.length) {
      this.#lines = [];
      this.#taken = 0;
    }
    if (this.#paused && this.waiting < mostWaiting / 2) {
      this.#paused = false;
      this.#socket?.resume();
    }
    return line;
  }

  #feed(data: Buffer): void {
    const parts = (this.#rest + data.toString("latin1")).split("\n");
    this.#rest = parts.pop() ?? "";
    for (const part of parts) this.#lines.push(part.endsWith("\r") ? part.slice(0, -1) : part);
    if (this.waiting > mostWaiting) {
      this.#paused = true;
      this.#socket?.pause();
    }
    this.#wake?.();
  }
}
