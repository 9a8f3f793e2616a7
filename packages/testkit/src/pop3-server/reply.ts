import { Buffer } from "node:buffer";
import type { MaildropBehaviour } from "./behaviour.ts";

/** A reply as octets, in pieces, so that neither 100,000 lines nor 20 MiB need to be in one buffer. */
export type Reply = Iterable<Uint8Array>;

const piece = 64 * 1024;

/** A status line. Text is read as ISO 8859-1. */
export function statusLine(text: string, lineEnd = "\r\n"): Reply {
  return [Buffer.from(text + lineEnd, "latin1")];
}

/** A status line and a listing, with its terminator. */
export function* listingReply(status: string, lines: Iterable<string>, lineEnd = "\r\n"): Reply {
  let text = status + lineEnd;
  for (const line of lines) {
    text += (line.startsWith(".") ? `.${line}` : line) + lineEnd;
    if (text.length >= piece) {
      yield Buffer.from(text, "latin1");
      text = "";
    }
  }
  yield Buffer.from(`${text}.${lineEnd}`, "latin1");
}

/** A status line and a message, byte-stuffed as the behaviour says, with its terminator. */
export function* messageReply(status: string, message: Uint8Array, behaviour: MaildropBehaviour): Reply {
  const lineEnd = behaviour.lineEnd ?? "\r\n";
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  yield Buffer.from(status + lineEnd, "latin1");
  yield* byteStuffed(bytes, behaviour.byteStuffing ?? "crlf");
  const ended = bytes.length === 0 || bytes.subarray(-lineEnd.length).equals(Buffer.from(lineEnd));
  const missing = !ended || behaviour.finalLineEnd === "always" ? lineEnd : "";
  yield Buffer.from(`${missing}.${lineEnd}`, "latin1");
}

const dot = Buffer.from(".");

function* byteStuffed(bytes: Buffer, how: NonNullable<MaildropBehaviour["byteStuffing"]>): Reply {
  if (how === "none") {
    yield bytes;
    return;
  }
  if (how !== "not the first line" && bytes[0] === 0x2e) yield dot;
  const mark = how === "any line end" ? "\n." : "\r\n.";
  let from = 0;
  for (let found = bytes.indexOf(mark); found >= 0; found = bytes.indexOf(mark, found + 1)) {
    // Up to and with the line's own dot; the piece after it begins with that dot once more.
    yield bytes.subarray(from, found + mark.length);
    from = found + mark.length - 1;
  }
  yield bytes.subarray(from);
}

/** The header, the empty line and so many lines of the body (RFC 1939, TOP). */
export function topOf(message: Uint8Array, lines: number): Uint8Array {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  let at = 0;
  let inBody = false;
  let bodyLines = 0;
  while (at < bytes.length) {
    if (inBody && bodyLines === lines) return bytes.subarray(0, at);
    const lineFeed = bytes.indexOf(0x0a, at);
    const next = lineFeed < 0 ? bytes.length : lineFeed + 1;
    const line = next - at;
    if (inBody) bodyLines += 1;
    else inBody = line === 1 || (line === 2 && bytes[at] === 0x0d);
    at = next;
  }
  return bytes;
}
