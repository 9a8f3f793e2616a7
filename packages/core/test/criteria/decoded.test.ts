import { compileCriteria, readHeader } from "@mailonce/core";
import { describe, expect, test } from "vitest";

function block(...parts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat([
    ...parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)),
    Buffer.from("\r\n\r\n"),
  ]);
}

function accepts(query: string, header: Buffer): boolean {
  return compileCriteria(query).accepts({ block: header, octets: 1000 });
}

const base64 = (text: string): Buffer => Buffer.from(text, "base64");

/** Queries as people write them, and header blocks in which they must match. */
const SUBJECTS: readonly (readonly [query: string, header: Buffer])[] = [
  ["subject:Größe", block("Subject: ", Buffer.from("Größe 44", "latin1"))],
  ["subject:Größe", block("Subject: =?us-ascii?Q?Gr=C3=B6=C3=9Fe?=")],
  ["subject:日本語の件名", block("Subject: =?utf-8?B?5pel5g==?= =?utf-8?B?nKzoqp7jga7ku7blkI0=?=")],
  [
    "subject:会议",
    block("Subject: ", base64("udjT2rvh0uk="), "\r\nContent-Type: text/plain; charset=gb2312"),
  ],
  ["subject:срочно", block("Subject: ", base64("8/Lv/u7v"), "\r\nContent-Type: text/plain; charset=koi8-r")],
  ["subject:/^日本語$/", block("Subject: \x1b$BF|K\\8l\x1b(B")],
  ["from:иван", block("From: ", base64("6dfBziDwxdTSz9c="), " <i@example.ru>")],
];

describe("criteria", () => {
  test.each(SUBJECTS)("%s finds what list shows", (query, header) => {
    expect(accepts(query, header)).toBe(true);
    const { subject, from } = readHeader(header);
    const { findings } = compileCriteria(query).explain({ block: header, octets: 1000 });
    expect(findings.map(({ found }) => found)).toEqual([subject ?? from]);
  });

  test.each([
    ["Tue,05 Nov 2019 11:13:27 +0100", "2019-11-05T10:13:27Z"],
    ["Tue, 5 Nov 2019 11 : 13 : 27 +0100 (a (nested) comment)", "2019-11-05T10:13:27Z"],
    ["Tue, 5 Nov 2019 11:13:27 +01:00", "2019-11-05T10:13:27Z"],
    ["Tue, 5 Nov 2019 11:13:27 GMT+0800", "2019-11-05T03:13:27Z"],
    ["Tue, 5 Nov 2019 11:13:27 PM +0000", "2019-11-05T23:13:27Z"],
    ["Tue Nov  5 11:13:27 2019", "2019-11-05T11:13:27Z"],
    ["2019-11-05T11:13:27+01:00", "2019-11-05T10:13:27Z"],
  ])("see %j as list does", (date, moment) => {
    const header = block(`Date: ${date}`);
    expect(accepts(`date:${moment}`, header)).toBe(true);
    expect(readHeader(header).date).toEqual(new Date(moment));
  });

  test("see the topmost Received date where there is no other, as list does", () => {
    const header = block("Received: from a by b; Tue, 5 Nov 2019 11:13:27 +0100\r\nDate: nonsense");
    expect(accepts("date:2019-11-05T10:13:27Z", header)).toBe(true);
    expect(accepts("date:2020", header)).toBe(false);
    expect(accepts("date:2019 AND header.date:nonsense", header)).toBe(true);
  });

  test("do not see it where the Date field has one", () => {
    const header = block(
      "Received: from a by b; Tue, 5 Nov 2019 11:13:27 +0100\r\nDate: 5 Nov 2018 10:00:00 +0000",
    );
    expect(accepts("date:2018", header)).toBe(true);
    expect(accepts("date:2019", header)).toBe(false);
  });
});
