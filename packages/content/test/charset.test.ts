import { readHeader } from "@mailonce/core/message";
import { describe, expect, it } from "vitest";
import { readContent } from "../src/index.ts";
import { mail, read, readOctets, utf8 } from "./mail.ts";

const GREETING = "Grüße aus Köln, wo es schön ist";
const LATIN = GREETING;
const UTF8 = utf8(GREETING);

describe("the charset of a text", () => {
  it.each<[string, string]>([
    ["Content-Type: text/plain; charset=utf-8", UTF8],
    ["Content-Type: text/plain; charset=UTF8", UTF8],
    ["Content-Type: text/plain; charset='utf-8'", UTF8],
    ['Content-Type: text/plain; charset="utf-8"; format=fixed', UTF8],
    ["Content-Type: text/plain; charset=utf-8 (a comment)", UTF8],
    ["Content-Type: text/plain; charset = utf-8", UTF8],
    ["Content-Type: text/plain; charset*=us-ascii'en'utf-8", UTF8],
    ["Content-Type: text/plain; charset=us-ascii", UTF8],
    ["Content-Type: text/plain; charset=iso-8859-1", UTF8],
    ["Content-Type: text/plain", UTF8],
    ["X-Other: x", UTF8],
    ["Content-Type: text/plain; charset=iso-8859-1", LATIN],
    ["Content-Type: text/plain; charset=utf-8", LATIN],
    ["Content-Type: text/plain; charset=us-ascii", LATIN],
    ["Content-Type: text/plain; charset=x-unknown", LATIN],
    ["Content-Type: text/plain", LATIN],
    ["X-Other: x", LATIN],
  ])("%j over %j", (header, body) => {
    expect(read(header, body).text).toBe(GREETING);
  });

  it.each<[string, string, string]>([
    ["the label", 'x"', "windows-1252"],
    ["a meta tag", '<meta charset="windows-1251">', "windows-1251"],
    ["a meta tag without quotation marks", "<META CHARSET=windows-1251>", "windows-1251"],
    [
      "a meta tag of the older kind",
      '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">',
      "windows-1251",
    ],
    [
      "such a tag the other way round",
      "<meta content='text/html;charset=windows-1251' http-equiv=content-type>",
      "windows-1251",
    ],
    ["an XML declaration", '<?xml version="1.0" encoding="windows-1251"?>', "windows-1251"],
    [
      "a meta tag after a style sheet",
      `<style>${"p { } ".repeat(300)}</style><meta charset=windows-1251>`,
      "windows-1251",
    ],
  ])("of HTML may stand in %s alone", (_, beginning, charset) => {
    const body = `${beginning}<p>\u00cf\u00f0\u00e8\u00e2\u00e5\u00f2</p>`;
    const label = charset === "windows-1252" ? "windows-1251" : null;
    const header = `Content-Type: text/html${label === null ? "" : `; charset=${label}`}`;
    expect(read(header, body)).toMatchObject({
      text: expect.stringContaining("Привет"),
      parts: [{ charset: "windows-1251" }],
    });
  });

  it("of HTML is the header's where both say something", () => {
    const body =
      '<meta charset="utf-8"><p>\u00cf\u00f0\u00e8\u00e2\u00e5\u00f2, \u00ea\u00e0\u00ea \u00e4\u00e5\u00eb\u00e0</p>';
    expect(read("Content-Type: text/html; charset=windows-1251", body).text).toBe("Привет, как дела");
    expect(
      read("Content-Type: text/html; charset=us-ascii", body.replace("utf-8", "windows-1251")).text,
    ).toBe("Привет, как дела");
  });

  it("may be told by a byte order mark, which is not shown", () => {
    expect(read("Content-Type: text/html", `\u00ef\u00bb\u00bf<p>${UTF8}`).text).toBe(GREETING);
    const wide = Buffer.concat([
      Buffer.from("Content-Type: text/plain; charset=utf-16\r\n\r\n\u00ff\u00fe", "latin1"),
      Buffer.from(GREETING, "utf16le"),
    ]);
    expect(readContent(wide).text).toBe(GREETING);
  });

  it("of a text that was encoded is that of its octets", () => {
    const header = ["Content-Type: text/plain; charset=iso-2022-jp", "Content-Transfer-Encoding: base64"];
    expect(read(header, Buffer.from("\u001b$BF|K\\\u001b(B", "latin1").toString("base64")).text).toBe("日本");
  });

  it("of header fields is told as that of texts is", () => {
    const { headers } = read([
      `Subject: ${UTF8}`,
      `From: ${LATIN} <a@example.org>`,
      "To: =?utf-8?q?Gr=C3=BC?=\r\n =?utf-8?b?w59l?=",
      "X-Folded: a\r\n b",
    ]);
    expect(headers).toEqual([
      { name: "Subject", value: GREETING },
      { name: "From", value: `${GREETING} <a@example.org>` },
      { name: "To", value: "Grüße" },
      { name: "X-Folded", value: "a b" },
    ]);
  });

  it.each<[string, readonly string[]]>([
    ["by what the message says of its text", ["Content-Type: text/plain; charset=koi8-r"]],
    ["by its encoded words", ["To: =?koi8-r?b?8NLJ18XU?= <a@example.org>"]],
    [
      "by what they look like",
      [
        "To: \u00f0\u00d2\u00c9\u00d7\u00c5\u00d4, \u00d7\u00d3\u00c5 \u00c8\u00cf\u00d2\u00cf\u00db\u00cf <a@example.org>",
      ],
    ],
  ])("of raw octets in a header is told as for the rows that are listed, %s", (_, more) => {
    const octets = mail(
      [
        "From: \u00e9\u00d7\u00c1\u00ce <i@example.org>",
        "Subject: \u00f0\u00d2\u00c9\u00d7\u00c5\u00d4",
        ...more,
      ],
      "x",
    );
    const { subject, from } = readHeader(octets);
    expect(subject).toBe("Привет");
    const { headers } = readContent(octets);
    expect(headers.slice(0, 2).map(({ value }) => value)).toEqual([from, subject]);
  });

  it.each<[string, readonly string[]]>([
    ["HZ, which the text names", ["Subject: ~{;aRi5DM(V*~}", "Content-Type: text/plain; charset=hz-gb-2312"]],
    [
      "encoded words under a wrong label",
      [
        "From: =?us-ascii?B?1cXOsA==?= <z@example.cn>",
        "Subject: =?us-ascii?B?udjT2tXZv6rE6rbIu+HS6bXEzajWqg==?=",
      ],
    ],
    [
      "an encoded word beside a file's name",
      ['Content-Type: application/pdf; name="=?iso-8859-1?Q?=DCber?="', "Subject: =?iso-8859-1?Q?=DCber?="],
    ],
  ])("of fields is the same for list and show: %s", (_, header) => {
    const octets = mail(header, "x");
    const { subject, from } = readHeader(octets);
    const { headers } = readContent(octets);
    const shown = (name: string) => headers.find((field) => field.name === name)?.value ?? null;
    expect([shown("Subject"), shown("From")]).toEqual([subject, from]);
    expect(`${subject}${from ?? ""}`).toMatch(/会议|张伟|Über/);
  });

  it("of a file's name is that of the text beside it", () => {
    const { parts } = readOctets(
      "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=koi8-r\n\nx\n--b\nContent-Type: application/pdf; name=\u00d0\u00ec.pdf\n\nx\n--b--",
    );
    expect(parts[1]?.fileName).toBe("пЛ.pdf");
  });
});
