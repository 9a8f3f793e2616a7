import { Buffer } from "node:buffer";
import { mailDate } from "./simple-mail.ts";

interface Special {
  /** Header lines of its own, without line ends. */
  readonly more?: readonly string[];
  /** Whether it has a Received field. Default true. */
  readonly strong?: boolean;
  readonly encoding?: "latin1" | "utf8";
}

function special(number: number, subject: string, body: string, options: Special = {}): Uint8Array {
  return Buffer.from(`${header(number, subject, options)}${body}`, options.encoding ?? "latin1");
}

function header(number: number, subject: string, { more = [], strong = true }: Special = {}): string {
  return [
    ...(strong ? [received(number)] : []),
    `Date: ${dateOf(number)}`,
    "From: Sam Sender <sam@example.net>",
    "To: alice@example.org",
    `Message-ID: <special-${number}@example.net>`,
    `Subject: ${subject}`,
    ...more,
    "",
    "",
  ].join("\r\n");
}

function received(number: number): string {
  const from = "Received: from relay.example.net (relay.example.net [198.51.100.7])";
  return `${from}\r\n\tby mx.example.org with ESMTP id S${number};\r\n\t${dateOf(number)}`;
}

function dateOf(number: number): string {
  return mailDate(new Date(Date.UTC(2024, 4, 6, 7, 8, number)));
}

const octets = (text: string): Uint8Array => Buffer.from(text, "latin1");
const octetsBut = (unwanted: string): string =>
  Array.from({ length: 256 }, (_, octet) => String.fromCharCode(octet))
    .filter((each) => !unwanted.includes(each))
    .join("");
const multipart = (boundary: string): Special => ({
  more: [`Content-Type: multipart/mixed; boundary="${boundary}"`],
});
const twin = (): Uint8Array => special(40, "Two identical copies", "The same, octet by octet.\r\n");

/**
 * Messages that servers, parsers and databases stumble over, by name. Each is as hostile as mail may be, and none
 * begins with a dot: what servers make of that is no property of the mail.
 */
export const specialMail: Readonly<Record<string, () => Uint8Array>> = {
  "8-bit body": () =>
    special(1, "8-bit", "Gr\xfc\xdfe \xe4\xf6\xfc\r\n", {
      more: ["Content-Type: text/plain; charset=iso-8859-1"],
    }),
  "every octet": () =>
    special(2, "Every octet", `${octetsBut("\r\n")}\r\n`, { more: ["Content-Transfer-Encoding: binary"] }),
  "NUL octets": () => special(3, "NUL octets", "before\0\0\0after\r\n\0\r\nlast\0\r\n"),
  "dots at line starts": () =>
    special(4, "Dots", ".\r\n..\r\n...\r\n.one\r\n..two\r\n.\r\n\r\n.\r\n+OK 60 octets\r\n.\r\nthe end\r\n"),
  "first body line is a dot": () => special(5, "First body line", ".\r\n-ERR [SYS/PERM] no\r\n"),
  "last line is a dot": () => special(6, "Last line", "text\r\n.\r\n"),
  "last line is a dot without line end": () => special(7, "Last dot", "text\r\n."),
  "a line of 100,000 octets": () => special(8, "A long line", `${"0123456789".repeat(10_000)}\r\nend\r\n`),
  "no final line end": () => special(9, "No final line end", "the last line has no end"),
  "ends with CR": () => special(10, "Ends with CR", "the last octet is CR\r"),
  "encoded-words in Q": () =>
    special(11, "=?utf-8?Q?Sch=C3=B6ne_Gr=C3=BC=C3=9Fe_aus_K=C3=B6ln?=", "utf-8 in Q\r\n"),
  "encoded-words in B": () =>
    special(12, "=?UTF-8?B?0J/RgNC40LLQtdGCLCA=?=\r\n =?UTF-8?B?0LzQuNGA?=", "two words\r\n"),
  "encoded-words in iso-8859-1": () => special(13, "=?iso-8859-1?q?Caf=E9_cr=E8me?=", "latin 1\r\n"),
  "encoded-words in iso-2022-jp": () =>
    special(14, "=?ISO-2022-JP?B?GyRCJDMkcyRLJEEkTxsoQg==?=", "\x1b$B$3$s$K$A$O\x1b(B\r\n", {
      more: ["Content-Type: text/plain; charset=iso-2022-jp"],
    }),
  "broken encoded-words": () =>
    special(15, "=?utf-8?B?w?= =?no-such-charset?Q?a?= =?utf-8?Q?=ZZ?=", "broken\r\n"),
  "raw UTF-8 header": () => special(16, "Żółć, 日本語 and 🚀", "RFC 6532\r\n", { encoding: "utf8" }),
  "raw octets in a header that are no UTF-8": () => special(17, "Gr\xfc\xdfe \xff\xfe", "not UTF-8\r\n"),
  "folded header": () =>
    special(18, "a subject\r\n that is folded\r\n\tover three lines", "folded\r\n", {
      more: ["References: <a@example.net>\r\n\t<b@example.net>\r\n <c@example.net>"],
    }),
  "identical copy, the first": twin,
  "identical copy, the second": twin,
  "bare LF inside": () => special(19, "Bare LF", "one\ntwo\r\nthree\n\n.four\n"),
  "bare CR inside": () => special(20, "Bare CR", "one\rtwo\r\nthree\r\r\n\rfour\r\n"),
  "LF line ends only": () => octets(`${header(21, "LF only")}one\r\ntwo\r\n`.replaceAll("\r\n", "\n")),
  "empty body": () => special(22, "Empty body", ""),
  "no blank line": () => octets(header(23, "Header only").slice(0, -2)),
  "no blank line and no line end": () => octets(header(24, "Header without an end").slice(0, -4)),
  "no header": () => octets("\r\nA body without a header.\r\n"),
  "text that is no mail": () => octets("this is not a mail\r\nat all\r\n"),
  "zero octets": () => new Uint8Array(0),
  "one line end": () => octets("\r\n"),
  "blanks before the first field": () => octets(` \r\n\t\r\n${header(25, "Blanks first")}x\r\n`),
  "fields twice": () =>
    special(26, "First subject", "twice\r\n", {
      more: [
        ...["Subject: Second subject", "Message-ID: <other@example.net>"],
        ...["Date: Mon, 1 Jan 2001 00:00:00 +0000", "From: other@example.net"],
      ],
    }),
  "a header field of 60,000 octets": () =>
    special(27, "Long header", "long\r\n", { more: [`X-Long: ${"x".repeat(60_000)}`] }),
  "2,000 header fields": () =>
    special(28, "Many fields", "many\r\n", {
      more: Array.from({ length: 2000 }, (_, index) => `X-Field-${index}: ${index}`),
    }),
  "a subject of 5,000 characters": () =>
    special(29, "ä🚀".repeat(2500), "long subject\r\n", { encoding: "utf8" }),
  "multipart without its last boundary": () =>
    special(30, "Unfinished", "--b\r\nContent-Type: text/plain\r\n\r\ntext\r\n", multipart("b")),
  "multiparts within each other": () => special(31, "Nested", nested(0, 12), multipart("b0")),
  "a mail inside a mail": () =>
    special(32, "Fwd", `${header(33, "Inner")}inside\r\n`, { more: ["Content-Type: message/rfc822"] }),
  "invalid date": () =>
    octets(`${header(34, "Invalid date").replace(/^Date:.*$/m, "Date: the 31st of February, 25:61")}x\r\n`),
  "date far away": () =>
    octets(`${header(35, "Far date").replace(/^Date:.*$/m, "Date: Fri, 31 Dec 99999 23:59:60 +9999")}x\r\n`),
  "no Message-ID, Subject, From or Date": () =>
    octets(`${received(36)}\r\nX-Other: field\r\n\r\nanonymous\r\n`),
  "weak header": () => special(37, "Draft", "A draft that no relay has seen.\r\n", { strong: false }),
  "weak header, another body": () =>
    special(37, "Draft", "A draft that no relay has SEEN.\r\n", { strong: false }),
  "volatile fields": () =>
    special(38, "Volatile", "volatile\r\n", {
      more: ["Status: RO", "X-UIDL: abc", "X-Status: A", "X-Keywords: \r\n\tfolded", "Content-Length: 5"],
    }),
  "mbox From line first": () =>
    octets(`From sam@example.net Mon May  6 07:08:09 2024\r\n${header(39, "mbox")}>From x\r\nFrom y\r\n`),
};

function nested(depth: number, most: number): string {
  if (depth === most) return `--b${depth}\r\n\r\nthe innermost\r\n--b${depth}--\r\n`;
  const type = `Content-Type: multipart/mixed; boundary="b${depth + 1}"`;
  return `--b${depth}\r\n${type}\r\n\r\n${nested(depth + 1, most)}\r\n--b${depth}--\r\n`;
}

/**
 * A mail that begins with a lone dot and goes on like a reply. Dovecot and Courier do not dot-stuff a first line, so
 * that its RETR ends at once and the rest looks like the replies to the next commands.
 */
export function forgedReplyMail(): Uint8Array {
  return octets(`.\r\n+OK 60 octets\r\n${header(41, "A forged neighbour")}forged\r\n.\r\n+OK\r\n`);
}
