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

  test.each([
    "multipart/mixed; boundary=a",
    "application/pdf",
    "image/png; name=a.png",
    "MULTIPART/Mixed;\r\n boundary=a",
    "message/rfc822",
  ])("say that there is more than text: %j", (type) =>
    expect(read(`Content-Type: ${type}`).attachments).toBe(true),
  );

  test.each([
    "text/plain",
    "text/html; charset=utf-8",
    "multipart/alternative; boundary=a",
    "multipart/signed; x=y",
    "application/pkcs7-mime",
    "nonsense",
    "",
  ])("say that there is text alone: %j", (type) =>
    expect(read(`Content-Type: ${type}`).attachments).toBe(false),
  );

  test("say that a text is an attachment", () => {
    expect(
      read("Content-Type: text/csv", "Content-Disposition: attachment; filename=a.csv").attachments,
    ).toBe(true);
  });
});

/** The octets of base64, for texts in charsets that Node does not know. */
const raw = (base64: string): Buffer => Buffer.from(base64, "base64");

describe("raw octets of older mail", () => {
  const block = (...parts: readonly (string | Buffer)[]): Buffer =>
    Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));

  test("are read in the charset of the message's text", () => {
    const gbk = block("Subject: ", raw("udjT2rvh0uk="), "\r\nFrom: ", raw("1cXI/Q=="), " <z@example.cn>\r\n");
    const koi8 = block(
      "From: ",
      raw("6dfBziDwxdTSz9c="),
      " <i@example.ru>\r\nSubject: ",
      raw("8/Lv/u7v"),
      "\r\n",
    );
    expect(readHeader(block(gbk, "Content-Type: text/plain; charset=gb2312\r\n\r\n"))).toMatchObject({
      subject: "关于会议",
      from: "张三 <z@example.cn>",
    });
    expect(readHeader(block(koi8, "Content-Type: text/plain;\r\n\tcharset='KOI8-R'\r\n\r\n")).from).toBe(
      "Иван Петров <i@example.ru>",
    );
  });

  test("are read in the charset of encoded words beside them", () => {
    const header = block(
      "From: =?windows-1251?Q?=C8=E2=E0=ED?= <i@example.ru>\r\nSubject: ",
      raw("0dDO183O"),
      "\r\n\r\n",
    );
    expect(readHeader(header)).toMatchObject({ from: "Иван <i@example.ru>", subject: "СРОЧНО" });
  });

  test("are read together: what one field leaves open the other tells", () => {
    const from = raw("6dfBziDwxdTSz9c=");
    const urgent = raw("8/Lv/u7v");
    expect(
      readHeader(block("Subject: ", urgent, "\r\nFrom: ", from, " <i@example.ru>\r\n\r\n")),
    ).toMatchObject({
      subject: "СРОЧНО",
      from: "Иван Петров <i@example.ru>",
    });
  });

  test("are Windows-1252 in most mail", () => {
    expect(
      readHeader(
        block("Subject: ", raw("R3L232U="), "\r\nFrom: ", raw("SvxyZ2Vu"), " <j@example.de>\r\n\r\n"),
      ),
    ).toMatchObject({
      subject: "Größe",
      from: "Jürgen <j@example.de>",
    });
  });

  test("and UTF-8 in another field are both read", () => {
    expect(
      readHeader(block("Subject: Größe\r\nFrom: ", raw("SvxyZ2Vu"), " <j@example.de>\r\n\r\n")),
    ).toMatchObject({
      subject: "Größe",
      from: "Jürgen <j@example.de>",
    });
  });
});

describe("encoded words under a wrong label", () => {
  test.each([
    [
      "iso-8859-1",
      "=?iso-8859-1?B?Smn47SBEdm/44Ws=?=",
      "Jiří Dvořák",
      "=?iso-8859-1?B?ROxrdWplbWUgemEgduGaIHrhamVt?=",
      "Děkujeme za váš zájem",
    ],
    [
      "iso-8859-1",
      "=?iso-8859-1?B?4+XjIOvk7w==?=",
      "דוד כהן",
      "=?iso-8859-1?B?+ubr5fj6IOz04un55CDu5/gg4eHl9/g=?=",
      "תזכורת לפגישה מחר בבוקר",
    ],
    [
      "us-ascii",
      "=?us-ascii?B?1cXOsA==?=",
      "张伟",
      "=?us-ascii?B?udjT2tXZv6rE6rbIu+HS6bXEzajWqg==?=",
      "关于召开年度会议的通知",
    ],
    [
      "utf-8",
      "=?utf-8?B?1cXOsA==?=",
      "张伟",
      "=?utf-8?B?udjT2tXZv6rE6rbIu+HS6bXEzajWqg==?=",
      "关于召开年度会议的通知",
    ],
    [
      "iso-8859-1",
      "=?iso-8859-1?B?QXn+ZSBZ/Wxk/Xo=?=",
      "Ayşe Yıldız",
      "=?iso-8859-1?B?U2lwYXJp/iBvbmF5/SB2ZSBn/G5jZWxsZW1l?=",
      "Sipariş onayı ve güncelleme",
    ],
  ])("%s are read together: what a name leaves open the subject tells", (_, from, name, subject, text) => {
    for (const fields of [
      [`From: ${from} <a@example.org>`, `Subject: ${subject}`],
      [`Subject: ${subject}`, `From: ${from} <a@example.org>`],
    ])
      expect(read(...fields)).toMatchObject({ subject: text, from: `${name} <a@example.org>` });
  });

  test("do not change how words under a right one are read", () => {
    const koi8 = "=?koi8-r?B?8NLJ18XU?=";
    expect(
      read(
        `Subject: ${koi8}`,
        "From: =?iso-8859-1?Q?J=FCrgen?= <j@example.org>",
        "To: =?us-ascii?B?8NLJ18XU?=",
      ),
    ).toMatchObject({ subject: "Привет", from: "Jürgen <j@example.org>", to: "Привет" });
  });
});

describe("the date", () => {
  const received = [
    "Received: from a.example (a.example [192.0.2.1])",
    "\tby b.example with ESMTP id 1; for <x@example.org>;",
    "\tTue, 5 Nov 2019 11:13:27 +0100 (CET)",
    "Received: from c.example by a.example; Mon, 4 Nov 2019 10:00:00 +0000",
  ];

  test("is that of the Date field, and sure", () => {
    expect(read(...received, "Date: Sun, 3 Nov 2019 10:00:00 +0000")).toMatchObject({
      date: new Date("2019-11-03T10:00:00Z"),
      dateKind: "stated",
    });
  });

  test("is said to be doubtful where the Date field is", () => {
    expect(read(...received, "Date: Sun, 3 Nov 2019 10:00:00")).toMatchObject({
      date: new Date("2019-11-03T10:00:00Z"),
      dateKind: "doubtful",
    });
  });

  test.each([[], ["Date: yesterday"], ["Date: 31 Feb 2019 10:00:00 +0000"], ["Date:"]])(
    "is that of the topmost Received field where there is no other: %j",
    (...lines) => {
      expect(read(...received, ...lines)).toMatchObject({
        date: new Date("2019-11-05T10:13:27Z"),
        dateKind: "received",
      });
    },
  );

  test("is that of the first Date field that holds one", () => {
    expect(
      read("Date: nonsense", "Date: 3 Nov 2019 10:00:00 +0000", "Date: 4 Nov 2019 10:00:00 +0000"),
    ).toMatchObject({
      date: new Date("2019-11-03T10:00:00Z"),
      dateKind: "stated",
    });
  });

  test("is none where nothing holds one", () => {
    expect(read("Received: by a.example", "Date: never")).toMatchObject({ date: null, dateKind: null });
  });
});
