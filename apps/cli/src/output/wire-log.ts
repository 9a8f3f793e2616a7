import { type AccountOptions, shownText } from "@mailonce/runtime";
import type { Terminal } from "./terminal.ts";

type OnWire = NonNullable<AccountOptions["onWire"]>;

/** Lines of a listing that are shown. */
const SHOWN_LINES = 10;
/** Longer lines are cut. */
const SHOWN_OCTETS = 400;
const LF = 0x0a;

/** Commands whose reply has more than one line, if it is positive; LIST and UIDL only without a message number. */
const MULTI_LINE = /^(?:CAPA|RETR|TOP|(?:LIST|UIDL|LANG)$)/;
const MAIL = /^(?:RETR|TOP)/;
/** Status indicators, with the liberties that the client allows servers. */
const POSITIVE = /^[ \t]*\+OK/i;
const STATUS = /^[ \t]*(?:\+OK|-ERR)/i;

/**
 * Shows people line by line what goes over the wire: `> ` is sent, `< ` is received. The client has masked passwords and
 * tokens before they come here. Of mail only the octets are counted, and of long listings the first lines are shown.
 *
 * `name` stands before each line where several accounts are served at once.
 *
 * It knows only enough of the protocol to tell where replies end. If a server breaks the protocol it may show too much
 * or too little.
 */
export function wireLog(terminal: Pick<Terminal, "note">, name: string | null): OnWire {
  return new WireLog((line) => terminal.note(name === null ? line : `${name} ${line}`)).onWire;
}

class WireLog {
  readonly #write: (line: string) => void;
  /** Commands without their reply, oldest first. */
  readonly #asked: string[] = [];
  #line = "";
  #lineOctets = 0;
  /** The command whose multi-line reply is being received. */
  #within: string | null = null;
  #bodyLines = 0;
  #bodyOctets = 0;

  constructor(write: (line: string) => void) {
    // Lines are kept with one character for each octet.
    this.#write = (line) => write(shownText(Buffer.from(line, "latin1")));
  }

  readonly onWire: OnWire = ({ direction, octets }) => {
    if (direction === "sent") this.#sent(Buffer.from(octets).toString("latin1"));
    else this.#received(octets);
  };

  #sent(text: string): void {
    for (const line of text.split("\r\n")) {
      if (line === "") continue;
      this.#write(`> ${line}`);
      // Lines of a SASL exchange are no commands, and get no reply of their own.
      if (/^[A-Z]/.test(line)) this.#asked.push(line);
    }
  }

  #received(octets: Uint8Array): void {
    for (let at = 0; at < octets.length; ) {
      const lf = octets.indexOf(LF, at);
      const end = lf < 0 ? octets.length : lf + 1;
      this.#lineOctets += end - at;
      const room = Math.max(0, SHOWN_OCTETS + 1 - this.#line.length);
      this.#line += Buffer.from(octets.subarray(at, Math.min(end, at + room))).toString("latin1");
      if (lf >= 0) this.#endLine();
      at = end;
    }
  }

  #endLine(): void {
    const whole = this.#line.replace(/\r?\n$/, "");
    const line = whole.length > SHOWN_OCTETS ? `${whole.slice(0, SHOWN_OCTETS)}...` : whole;
    const octets = this.#lineOctets;
    this.#line = "";
    this.#lineOctets = 0;
    if (this.#within === null) this.#status(line);
    else if (line === ".") this.#endBody(this.#within);
    else this.#bodyLine(line, octets, this.#within);
  }

  #status(line: string): void {
    this.#write(`< ${line}`);
    if (!STATUS.test(line)) return;
    const asked = this.#asked.shift();
    if (asked === undefined || !POSITIVE.test(line)) return;
    if (!MULTI_LINE.test(asked)) return;
    this.#within = asked;
    this.#bodyLines = 0;
    this.#bodyOctets = 0;
  }

  #bodyLine(line: string, octets: number, asked: string): void {
    this.#bodyLines++;
    this.#bodyOctets += octets;
    const shown = !MAIL.test(asked) && (asked === "CAPA" || this.#bodyLines <= SHOWN_LINES);
    if (shown) this.#write(`< ${line}`);
  }

  #endBody(asked: string): void {
    this.#within = null;
    if (MAIL.test(asked)) this.#write(`< (${this.#bodyOctets} octets of mail)`);
    else if (asked !== "CAPA" && this.#bodyLines > SHOWN_LINES) {
      this.#write(`< (${this.#bodyLines - SHOWN_LINES} more lines)`);
    }
    this.#write("< .");
  }
}
