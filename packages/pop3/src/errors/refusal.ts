import { Pop3Error } from "./error.ts";

/** What the server said with `-ERR`. */
export interface Refusal {
  /**
   * The text after `-ERR`, response code included: as UTF-8 where its octets are that, otherwise with `\xNN` for each
   * octet that is no ASCII. Controls, and what turns the order of text around, stand as `\xNN` too.
   */
  readonly statusText: string;
  /**
   * The octets of that text, for whoever knows their charset. Where a secret was masked, or if left out: those of
   * `statusText`.
   */
  readonly statusOctets?: Uint8Array;
  /** The response code in upper case without its brackets (RFC 2449 section 8, RFC 3206), or null. */
  readonly responseCode: string | null;
}

/**
 * What a response code advises: "later" for IN-USE, LOGIN-DELAY and SYS/TEMP, "stop" for AUTH and SYS/PERM,
 * otherwise "unknown". Codes are hierarchical: SYS/TEMP/X counts as SYS/TEMP (RFC 2449 section 8). Never
 * guessed from the text.
 */
export type Advice = "later" | "stop" | "unknown";

/** The advice of a response code. */
export function adviceOf(responseCode: string | null): Advice {
  const is = (code: string): boolean =>
    responseCode === code || responseCode?.startsWith(`${code}/`) === true;
  if (["IN-USE", "LOGIN-DELAY", "SYS/TEMP"].some(is)) return "later";
  return ["AUTH", "SYS/PERM"].some(is) ? "stop" : "unknown";
}

/** The server answered a command with `-ERR`. */
export class CommandRefusedError extends Pop3Error implements Refusal {
  readonly code: "POP3_COMMAND_REFUSED" | "POP3_LOGIN_REFUSED" | "POP3_GREETING_REFUSED" =
    "POP3_COMMAND_REFUSED";
  readonly verb: string;
  readonly statusText: string;
  readonly statusOctets: Uint8Array;
  readonly responseCode: string | null;

  constructor(verb: string, refusal: Refusal, sessionUsable = true) {
    super(`${verb} was refused: -ERR ${refusal.statusText}`.trimEnd(), { sessionUsable });
    this.verb = verb;
    this.statusText = refusal.statusText;
    this.statusOctets = refusal.statusOctets ?? Buffer.from(refusal.statusText);
    this.responseCode = refusal.responseCode;
  }

  /** See {@link Advice}. */
  get advice(): Advice {
    return adviceOf(this.responseCode);
  }
}

/** The server greeted with `-ERR`: usually it is busy. */
export class GreetingRefusedError extends CommandRefusedError {
  override readonly code = "POP3_GREETING_REFUSED";

  constructor(refusal: Refusal) {
    super("the connection", refusal, false);
  }
}
