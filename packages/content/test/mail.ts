import { type ContentLimits, type MessageContent, readContent } from "../src/index.ts";

/** A message of header lines and body lines, its line ends CRLF; a character is an octet. */
export function mail(header: readonly string[] | string, ...body: readonly string[]): Uint8Array {
  const lines = [...(typeof header === "string" ? [header] : header), "", ...body];
  return Buffer.from(lines.join("\r\n"), "latin1");
}

/** What is read of such a message. */
export function read(header: readonly string[] | string, ...body: readonly string[]): MessageContent {
  return readContent(mail(header, ...body));
}

/** What is read of octets that are written as text of ISO 8859-1. */
export function readOctets(text: string, limits: Partial<ContentLimits> = {}): MessageContent {
  return readContent(Buffer.from(text.replace(/(?<!\r)\n/g, "\r\n"), "latin1"), limits);
}

/** The octets of text in UTF-8, as ISO 8859-1. */
export function utf8(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** What is read of HTML. */
export function readHtml(html: string): string {
  return read("Content-Type: text/html; charset=utf-8", utf8(html)).text;
}
