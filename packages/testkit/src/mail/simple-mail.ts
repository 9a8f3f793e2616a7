import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";

/** A file that goes with a mail. */
export interface Attachment {
  readonly name: string;
  /** Default application/octet-stream. */
  readonly type?: string;
  readonly bytes: Uint8Array;
}

/** A mail as a person sees it. */
export interface SimpleMailOptions {
  /** `Ada Lovelace <ada@example.org>`; names may hold any letter. */
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly date: Date;
  /** Plain text; its line ends become CR LF, and one is added at its end. */
  readonly body: string;
  /** The same as HTML, in multipart/alternative. */
  readonly html?: string;
  readonly attachments?: readonly Attachment[];
  /** With its angle brackets. Default: made from the other fields. `null` leaves it out. */
  readonly messageId?: string | null;
  /** The host in a Received field, which most mail has. `null` leaves it out. Default mx.example.org. */
  readonly receivedBy?: string | null;
  /** More header lines, without line ends, before the body's own fields. */
  readonly headers?: readonly string[];
}

/** A well-formed mail with CR LF line ends; the same options give the same octets. */
export function simpleMail(options: SimpleMailOptions): Uint8Array {
  const date = mailDate(options.date);
  const seed = [options.from, options.to, options.subject, date, options.body].join("\0");
  const digest = createHash("sha256").update(seed).digest("hex").slice(0, 20);
  const { messageId = `<${digest}@mail.example.org>`, receivedBy = "mx.example.org" } = options;
  const lines: string[] = [];
  if (receivedBy !== null) {
    lines.push(`Received: from mail.example.org (mail.example.org [192.0.2.25])`);
    lines.push(
      `\tby ${receivedBy} (Postfix) with ESMTPS id ${digest.slice(0, 10).toUpperCase()};`,
      `\t${date}`,
    );
  }
  lines.push(`Date: ${date}`, `From: ${encodeAddress(options.from)}`, `To: ${encodeAddress(options.to)}`);
  if (messageId !== null) lines.push(`Message-ID: ${messageId}`);
  lines.push(`Subject: ${encodeWords(options.subject)}`, ...(options.headers ?? []), "MIME-Version: 1.0");
  return Buffer.from([...lines, ...content(options, digest)].join("\r\n"), "utf8");
}

/** A date as RFC 5322 writes it, in UTC. */
export function mailDate(date: Date): string {
  return date.toUTCString().replace("GMT", "+0000");
}

function content(options: SimpleMailOptions, boundary: string): readonly string[] {
  const { html, attachments = [] } = options;
  let parts = [text("plain", options.body)];
  let lines = parts[0] ?? [];
  if (html !== undefined) {
    parts = [...parts, text("html", html)];
    lines = multipart("alternative", `alt-${boundary}`, parts);
  }
  if (attachments.length === 0) return lines;
  return multipart("mixed", `mix-${boundary}`, [lines, ...attachments.map(attachment)]);
}

function text(subtype: string, value: string): string[] {
  const lines = value.replace(/\r?\n$/, "").split(/\r?\n/);
  const type = `Content-Type: text/${subtype}; charset=utf-8`;
  return [type, "Content-Transfer-Encoding: 8bit", "", ...lines, ""];
}

function multipart(subtype: string, boundary: string, parts: readonly (readonly string[])[]): string[] {
  return [
    `Content-Type: multipart/${subtype}; boundary="${boundary}"`,
    "",
    ...parts.flatMap((part) => [`--${boundary}`, ...part]),
    `--${boundary}--`,
    "",
  ];
}

function attachment({ name, type = "application/octet-stream", bytes }: Attachment): string[] {
  return [
    `Content-Type: ${type}; name="${name}"`,
    "Content-Transfer-Encoding: base64",
    `Content-Disposition: attachment; filename="${name}"`,
    "",
    ...base64Lines(bytes),
    "",
  ];
}

/** Base64 in lines of 76 characters (RFC 2045). */
export function base64Lines(bytes: Uint8Array): readonly string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  return text.match(/.{1,76}/g) ?? [];
}

/** RFC 2047: text as it may stand in a header, in encoded-words of at most 75 characters where it is not ASCII. */
export function encodeWords(value: string): string {
  if (/^[ -~]*$/.test(value)) return value;
  const words: string[] = [];
  let word = "";
  for (const character of value) {
    if (Buffer.byteLength(word + character) > 42) {
      words.push(word);
      word = "";
    }
    word += character;
  }
  words.push(word);
  return words.map((each) => `=?utf-8?B?${Buffer.from(each).toString("base64")}?=`).join("\r\n ");
}

function encodeAddress(address: string): string {
  const [, name = "", rest = address] = /^(.*?)\s*(<[^<>]*>)$/.exec(address) ?? [];
  return name === "" ? rest : `${encodeWords(name)} ${rest}`;
}
