import { compileCriteria } from "@mailonce/core";
import { describe, expect, test } from "vitest";
import { header } from "./header.ts";

/** True if the query holds for a message with these header lines. */
function holds(query: string, lines: readonly string[], octets: number | null = 1000): boolean {
  return compileCriteria(query).accepts({ block: header(...lines), octets });
}

interface Row {
  readonly query: string;
  readonly lines: readonly string[];
  readonly matches: boolean;
}

function rows(lines: readonly string[], yes: readonly string[], no: readonly string[]): readonly Row[] {
  return [
    ...yes.map((query) => ({ query, lines, matches: true })),
    ...no.map((query) => ({ query, lines, matches: false })),
  ];
}

describe("words", () => {
  test.each([
    ...rows(
      ["Subject: Your Invoice-17, and a second one (PDF)"],
      [
        "subject:invoice",
        "subject:INVOICE",
        "subject:17",
        "subject:pdf",
        'subject:"your invoice"',
        "subject:'your   invoice'",
        "subject:inv*",
        "subject:*voice",
        "subject:*voic*",
        "subject:i?voice",
        "subject:invoice-*",
        "subject:?our",
        "subject:your\\ inv*",
        'subject:"(pdf)"',
        'subject:"one ("',
        "subject:(receipt OR invoice)",
        "subject:(your AND second)",
        "subject:(your NOT third)",
      ],
      [
        "subject:voice",
        "subject:invoices",
        "subject:?nvoice?",
        "subject:1",
        'subject:"invoice your"',
        'subject:"inv*"',
        "subject:your*invoice",
        "from:invoice",
        "subject:(your AND third)",
      ],
    ),
    ...rows(
      ["Subject: [SPAM] C++ for you?"],
      ["subject:[SPAM]", "subject:C++", "subject:you\\?", "subject:c*"],
      ["subject:you\\!"],
    ),
    ...rows(["Subject: it's"], ["subject:it's", "subject:it", 'subject:"it\'s"'], ["subject:its"]),
    ...rows(["Subject: a\\b*c"], ["subject:a\\\\b\\*c", 'subject:"a\\\\b*c"'], ["subject:a\\\\b\\*d"]),
  ])("$query on $lines: $matches", ({ query, lines, matches }) => {
    expect(holds(query, lines)).toBe(matches);
  });
});

describe("addresses", () => {
  test.each([
    ...rows(
      [
        'From: "Joe Doe" <joe@example.org>',
        "To: ann@example.net, Ben <ben@mail.example.org>,\r\n cleo@example.com",
      ],
      [
        "from:joe@example.org",
        "from:JOE@EXAMPLE.ORG",
        "from:*@example.org",
        "from:joe@*",
        'from:"joe doe"',
        "from:example.org",
        "from:@example.org",
        "to:ben@mail.example.org",
        "to:*.example.org",
        "to:cleo@example.com",
        "to:ann@example.net",
      ],
      [
        "from:*@example.or",
        "from:oe@example.org",
        "from:*@xample.org",
        "to:*@example.org",
        "to:joe@example.org",
      ],
    ),
    ...rows(
      ["From: mary.joe@example.org.example.net"],
      ["from:*@example.org*", "from:*@example.org.example.net", "from:mary.*@*"],
      ["from:*@example.org", "from:joe@*", "from:joe@example.org.example.net"],
    ),
    ...rows(
      ["To: a+tag@example.org."],
      ["to:a+tag@example.org", "to:a+*@example.org"],
      ["to:tag@example.org"],
    ),
  ])("$query on $lines: $matches", ({ query, lines, matches }) => {
    expect(holds(query, lines)).toBe(matches);
  });
});

describe("fields as they are written in headers", () => {
  test.each([
    ...rows(
      ["Subject: =?utf-8?q?Rechnung_f=C3=BCr_M=C3=A4rz?="],
      ["subject:rechnung", "subject:für", 'subject:"für märz"', "subject:MÄRZ", "subject:ma\u0308rz"],
      ["subject:fur", "subject:utf-8"],
    ),
    ...rows(["Subject: =?iso-8859-1?b?R3L832U=?="], ["subject:grüße"], ["subject:grüsse"]),
    ...rows(["Subject: =?utf-8?q?In?=", " =?utf-8?q?voice?= 17"], ["subject:invoice"], ["subject:voice"]),
    ...rows(["Subject: raw UTF-8 für alle"], ["subject:für"], []),
    ...rows(
      ["Subject: a long", "\tfolded", " subject"],
      ['subject:"long folded subject"'],
      ["subject:longfolded"],
    ),
    ...rows(["SUBJECT : odd but common"], ["subject:odd"], []),
    ...rows(
      ["Subject: café (decomposed cafe\u0301)"],
      ['subject:"decomposed café"', "subject:caf?"],
      ["subject:cafe"],
    ),
    ...rows(
      ["Subject: 請求書について"],
      ["subject:請求書", "subject:求書に", "subject:書について"],
      ["subject:書請"],
    ),
    ...rows(["Subject: サーバー障害のお知らせ"], ["subject:サーバー", "subject:障害"], ["subject:障書"]),
    ...rows(["Subject: СЧЁТ за март"], ["subject:счёт", 'subject:"за март"'], ["subject:мар"]),
    ...rows(["Subject: ΤΙΜΟΛΟΓΙΟΣ"], ["subject:τιμολογιος"], []),
    ...rows(["Subject: two", "Subject: fields"], ["subject:two", "subject:fields"], ['subject:"two fields"']),
    ...rows(
      ["List-Id: Developers <dev.lists.example.org>", "X-Spam-Flag: YES", "Sender: joe@example.org", "Cc:"],
      [
        "list-id:dev.lists.example.org",
        "LIST-ID:<dev.*>",
        "header.list-id:developers",
        "x-spam-flag:yes",
        "header.sender:*@example.org",
        "list-id:*",
        "cc:*",
        "header.cc:*",
        "NOT x-other:*",
      ],
      ["list-id:lists.example.com", "x-other:*", "header.received:*", "subject:*", "cc:a"],
    ),
    ...rows(["Subject:", "From:"], ["subject:*", "NOT subject:a"], ["subject:?"]),
  ])("$query on $lines: $matches", ({ query, lines, matches }) => {
    expect(holds(query, lines)).toBe(matches);
  });

  test("raw octets that are no UTF-8 are read as Windows-1252", () => {
    const block = Buffer.from("Subject: Gr\xfc\xdfe\r\n\r\n", "latin1");
    expect(compileCriteria("subject:grüße").accepts({ block, octets: 1 })).toBe(true);
  });

  test("the body is not looked at", () => {
    const block = Buffer.from("Subject: a\r\n\r\nSubject: invoice\r\n");
    const headerOnly = block.subarray(0, block.indexOf("\r\n\r\n") + 4);
    expect(compileCriteria("subject:invoice").accepts({ block: headerOnly, octets: 1 })).toBe(false);
  });
});

describe("regular expressions", () => {
  test.each([
    ...rows(
      ["Subject: Invoice no. 2026/17"],
      [
        "subject:/invoice/",
        "subject:/^invoice no\\. \\d+/i",
        "subject:/2026\\/17$/",
        "subject:/no. [0-9\\/]+/",
        "subject:/(?-i)Invoice/",
      ],
      ["subject:/(?-i)invoice/", "subject:/^no/", "subject:/\\binv\\b/"],
    ),
    ...rows(["Subject: =?utf-8?q?F=C3=9CR?="], ["subject:/für/", "subject:/^f\\pLr$/"], []),
  ])("$query on $lines: $matches", ({ query, lines, matches }) => {
    expect(holds(query, lines)).toBe(matches);
  });
});

describe("octets", () => {
  test.each([
    ["octets:<5000000", 4_999_999, true],
    ["octets:<5000000", 5_000_000, false],
    ["octets:<=5M", 5 * 1024 * 1024, true],
    ["octets:>5M", 5 * 1024 * 1024, false],
    ["octets:>=10k", 10_240, true],
    ["octets:>=10K", 10_239, false],
    ["octets:=17", 17, true],
    ["octets:17", 18, false],
    ["octets:1k..2k", 2048, true],
    ["octets:1k..2k", 2049, false],
    ["octets:1G", 1024 ** 3, true],
    ["octets:(<1k OR >1M)", 500, true],
    ["octets:(<1k OR >1M)", 5000, false],
    ["NOT octets:<1k", 5000, true],
  ])("%s on %d octets: %s", (query, octets, matches) => {
    const criteria = compileCriteria(query);
    expect(criteria.accepts({ block: header("Subject: a"), octets })).toBe(matches);
    expect(criteria.byOctets(octets)).toBe(matches);
  });

  test("a number that LIST did not give is in no range", () => {
    for (const query of ["octets:<5M", "octets:>=0", "octets:0..9G"])
      expect(holds(query, [], null)).toBe(false);
  });

  test("decide alone where the header cannot change it", () => {
    const byOctets = (query: string) => compileCriteria(query).byOctets(5000);
    expect(byOctets("octets:<1k AND subject:a")).toBe(false);
    expect(byOctets("subject:a AND octets:<1k")).toBe(false);
    expect(byOctets("octets:>1k OR subject:a")).toBe(true);
    expect(byOctets("octets:>1k AND subject:a")).toBe(null);
    expect(byOctets("NOT (subject:a OR octets:>1k)")).toBe(false);
    expect(byOctets("NOT subject:a")).toBe(null);
    expect(byOctets("date:2026")).toBe(null);
  });
});

describe("dates", () => {
  const noon = ["Date: Thu, 15 Jan 2026 12:00:00 +0000"];
  test.each([
    ...rows(
      noon,
      [
        "date:2026",
        "date:2026-01",
        "date:2026-01-15",
        "date:=2026-01-15",
        "date:>=2026-01-15",
        "date:<=2026-01-15",
        "date:>2026-01-14",
        "date:<2026-01-16",
        "date:2025..2026",
        "date:2026-01-01..2026-01-15",
        "date:2026-01-15T12:00",
        "date:2026-01-15T12:00:00Z",
        "date:2026-01-15T13:00+01:00",
        "date:>=2026-01-15T12:00:00.000Z",
        "header.date:thu",
      ],
      [
        "date:2025",
        "date:>2026-01-15",
        "date:<2026-01-15",
        "date:>2026",
        "date:2026-01-15T12:01",
        "date:2026-01-15T12:00+01:00",
        "date:2026-01-16..2027",
      ],
    ),
    ...rows(["Date: Thu, 15 Jan 2026 23:30:00 -0500"], ["date:2026-01-16"], ["date:2026-01-15"]),
    ...rows(["Date: nonsense"], ["NOT date:>=1000"], ["date:>=1000", "date:<3000"]),
    ...rows(["Subject: no date"], ["NOT date:2026"], ["date:<3000"]),
    ...rows(
      ["Date: 1 Jan 2020 00:00 +0000", "Date: 1 Jan 2026 00:00 +0000"],
      ["date:2020", "date:2026"],
      ["date:2023"],
    ),
    ...rows(["Date: 29 Feb 2024 23:59:59 +0000"], ["date:2024-02", "date:2024-02-29"], ["date:2024-03"]),
  ])("$query on $lines: $matches", ({ query, lines, matches }) => {
    expect(holds(query, lines)).toBe(matches);
  });
});

describe("operators", () => {
  const lines = ["Subject: a b", "From: c@example.org"];
  test.each([
    ...rows(
      lines,
      [
        "subject:a AND from:c",
        "subject:a from:c",
        "subject:a and from:c",
        "subject:x OR from:c",
        "subject:a OR subject:x AND subject:x",
        "subject:x AND subject:x OR subject:a",
        "subject:a OR subject:x subject:x",
        "NOT subject:x AND subject:a",
        "NOT subject:x OR subject:x",
        "-subject:x",
        "-(subject:x OR from:x)",
        "NOT(subject:x)",
        "not not subject:a",
        "subject:a -subject:x",
        "((subject:a))",
        "subject:a\nAND\tfrom:c",
      ],
      [
        "subject:a AND from:x",
        "NOT subject:a",
        "(subject:a OR subject:x) AND subject:x",
        "subject:a -from:c",
        "NOT (subject:x OR subject:a)",
      ],
    ),
  ])("$query: $matches", ({ query, lines, matches }) => {
    expect(holds(query, lines)).toBe(matches);
  });
});
