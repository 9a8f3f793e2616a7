import { readHeader } from "@mailonce/core/message";
import { describe, expect, test } from "vitest";

function read(...lines: readonly string[]) {
  return readHeader(Buffer.from(lines.join("\r\n"), "latin1"));
}

describe("the kept header fields", () => {
  test("are unfolded and decoded", () => {
    expect(
      read(
        "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=",
        " =?iso-8859-1?B?IGF1cyBL9mxu?=",
        "FROM: =?utf-8?B?w4Rubg==?= <ann@example.org>",
        "To: Ben <ben@example.org>,",
        "\tCarl <carl@example.org>",
        "Message-ID: <1@example.org>",
        "Date: Mon, 2 Nov 2026 10:00:00 +0100",
        "",
        "Subject: in the body",
      ),
    ).toEqual({
      subject: "Grüße aus Köln",
      from: "Änn <ann@example.org>",
      to: "Ben <ben@example.org>,\tCarl <carl@example.org>",
      messageId: "<1@example.org>",
      date: new Date("2026-11-02T09:00:00Z"),
      dateKind: "stated",
      attachments: false,
    });
  });

  test("may be raw UTF-8, or something older", () => {
    expect(readHeader(Buffer.from("Subject: 日本語 Grüße\r\n\r\n")).subject).toBe("日本語 Grüße");
    expect(read("Subject: Gr\xfc\xdfe").subject).toBe("Grüße");
  });

  test("are those of the first field of each name", () => {
    expect(read("Subject: one", "Subject: two").subject).toBe("one");
  });

  test("are null where there is nothing", () => {
    const nothing = { subject: null, from: null, to: null, messageId: null };
    const none = { ...nothing, date: null, dateKind: null, attachments: false };
    expect(read("")).toEqual(none);
    expect(read("no field at all", ": nameless", "Subject:", "Date: yesterday")).toEqual(none);
  });

  test.each([
    ["Mon, 2 Nov 2026 10:00:00 +0000", "2026-11-02T10:00:00.000Z"],
    ["2 Nov 2026 10:00 -0530 (a comment)", "2026-11-02T15:30:00.000Z"],
    ["Mon, 2 Nov 26 10:00:00 EST", "2026-11-02T15:00:00.000Z"],
    ["2 Nov 2026 10:00:00 GMT", "2026-11-02T10:00:00.000Z"],
    ["29 Feb 2024 23:59:60 +0000", "2024-02-29T23:59:59.000Z"],
    ["30 Feb 2024 10:00:00 +0000", null],
    ["2 Nov 2026 25:00:00 +0000", null],
    ["2 Nov 0026 10:00:00 +0000", null],
    ["foo 1", null],
    ["2026-11-02T10:00:00Z", "2026-11-02T10:00:00.000Z"],
  ])("read the date %j", (text, expected) => {
    expect(read(`Date: ${text}`).date?.toISOString() ?? null).toBe(expected);
  });
});
