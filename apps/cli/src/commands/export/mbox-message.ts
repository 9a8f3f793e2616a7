import type { StoredMessage } from "@mailonce/core";
import { headerEnd, headerFields } from "@mailonce/core/message";
import { UnixLines } from "./unix-lines.ts";

const LF = 0x0a;
const QUOTE = 0x3e;
const FROM = Buffer.from("From ");
/** Stands for a sender who is not known. */
const NOBODY = "MAILER-DAEMON";
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * A message as it stands in an mbox file: the line that begins it, its octets with LF as line end, and an empty line. A line
 * that begins with `From `, or with some `>` and then `From `, gets one `>` more, which a reader can take away again (mboxrd).
 */
export async function* mboxMessage(
  message: Pick<StoredMessage, "date" | "storedAt">,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  const lines = new UnixLines();
  const quoting = new FromQuoting();
  let isBegun = false;
  for await (const octets of content) {
    if (!isBegun) yield fromLine(message, octets);
    isBegun = true;
    yield quoting.push(lines.push(octets));
  }
  if (!isBegun) yield fromLine(message, new Uint8Array(0));
  yield quoting.push(lines.end());
  yield quoting.end();
}

/** Quotes the lines of one message. */
class FromQuoting {
  /** So many octets of `From ` the line has begun with, after any `>`; they are held. -1: it begins with something else. */
  #matched = 0;
  #last = LF;

  push(octets: Uint8Array): Uint8Array {
    // At most one `>` for five octets, and what was held.
    const out = Buffer.allocUnsafe(Math.ceil(octets.length * 1.2) + 2 * FROM.length);
    let length = 0;
    for (const octet of octets) {
      this.#last = octet;
      if (this.#matched >= 0 && octet === FROM[this.#matched]) {
        this.#matched++;
        if (this.#matched < FROM.length) continue;
        out[length++] = QUOTE;
        length += FROM.copy(out, length);
        this.#matched = -1;
        continue;
      }
      if (this.#matched > 0) length += FROM.copy(out, length, 0, this.#matched);
      if (this.#matched !== 0 || octet !== QUOTE) this.#matched = -1;
      out[length++] = octet;
      if (octet === LF) this.#matched = 0;
    }
    return out.subarray(0, length);
  }

  /** What was held, a line end if there is none, and the empty line. */
  end(): Uint8Array {
    const held = FROM.subarray(0, Math.max(0, this.#matched));
    return Buffer.concat([held, Buffer.from(this.#last === LF ? "\n" : "\n\n")]);
  }
}

/** The line that begins a message: the envelope's sender, and the message's date in UTC as C's asctime writes it. */
function fromLine(
  { date, storedAt }: Pick<StoredMessage, "date" | "storedAt">,
  beginning: Uint8Array,
): Uint8Array {
  return Buffer.from(`From ${senderOf(beginning)} ${asctime(date ?? storedAt)}\n`);
}

/** The address in the first Return-Path, in which the last server has written the envelope's sender. */
function senderOf(beginning: Uint8Array): string {
  const header = beginning.subarray(0, headerEnd(beginning));
  for (const { name, value } of headerFields(header)) {
    if (name !== "return-path") continue;
    const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("latin1").trim();
    return /^<?([\x21-\x3b\x3d\x3f-\x7e]+@[\x21-\x3b\x3d\x3f-\x7e]+)>?$/.exec(text)?.[1] ?? NOBODY;
  }
  return NOBODY;
}

function asctime(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = String(date.getUTCDate()).padStart(2);
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(":");
  return `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${day} ${time} ${date.getUTCFullYear()}`;
}
