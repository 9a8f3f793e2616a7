import { shownLines } from "./text.ts";

/**
 * What the server says it can do (RFC 2449). An immutable snapshot: it may change after STLS and after login.
 */
export class Capabilities {
  readonly #args = new Map<string, readonly string[]>();

  /** Reads the un-stuffed body of the reply to CAPA, or the octets of what `toString` gave. */
  constructor(body: Uint8Array) {
    for (const line of shownLines(body)) {
      const [word = "", ...args] = line.trim().split(/[ \t]+/);
      const tag = word.toUpperCase();
      // Some servers send one SASL line for each mechanism.
      if (tag !== "") this.#args.set(tag, [...new Set([...this.args(tag), ...args])]);
    }
  }

  /** A line for each tag, as text that can be stored. Capabilities with the same text are the same. */
  toString(): string {
    return [...this.#args].map(([tag, args]) => `${[tag, ...args].join(" ")}\r\n`).join("");
  }

  /** The tags in upper case, in the server's order. */
  get tags(): readonly string[] {
    return [...this.#args.keys()];
  }

  /**
   * Whether a tag is listed, in upper or lower case. Absence of TOP or UIDL does not prove that the command
   * is missing.
   */
  has(tag: string): boolean {
    return this.#args.has(tag.toUpperCase());
  }

  /**
   * The arguments of a tag as sent, such as the mechanisms of SASL; empty if it has none or is not listed.
   */
  args(tag: string): readonly string[] {
    return this.#args.get(tag.toUpperCase()) ?? [];
  }

  /** IMPLEMENTATION: what the server says of itself (RFC 2449 section 6.9), or null. */
  get implementation(): string | null {
    return this.has("IMPLEMENTATION") ? this.args("IMPLEMENTATION").join(" ") : null;
  }

  /**
   * EXPIRE (RFC 2449 section 6.7): the days after which the server may delete a message, or "never". 0: it deletes what was
   * retrieved at QUIT. Null: it does not say.
   */
  get expireDays(): number | "never" | null {
    const days = this.args("EXPIRE")[0];
    if (days?.toUpperCase() === "NEVER") return "never";
    return days !== undefined && /^\d{1,9}$/.test(days) ? Number(days) : null;
  }

  /** True where EXPIRE or LOGIN-DELAY may have another value after login: it is marked USER. */
  variesByUser(tag: "EXPIRE" | "LOGIN-DELAY"): boolean {
    return this.args(tag)[1]?.toUpperCase() === "USER";
  }

  /** LOGIN-DELAY: seconds that must lie between two logins (RFC 2449 section 6.5), or null. */
  get loginDelaySeconds(): number | null {
    const seconds = this.args("LOGIN-DELAY")[0];
    return seconds !== undefined && /^\d{1,9}$/.test(seconds) ? Number(seconds) : null;
  }
}
