import { compileCriteria } from "@mailonce/core";
import { CriteriaSyntaxError, compileSearch } from "@mailonce/core/search";
import { describe, expect, test } from "vitest";
import { finds, type MessageParts, message } from "./messages.ts";

const INVOICE: MessageParts = {
  header: {
    Subject: "Your invoice 17 for the Größe",
    From: "Mary Poppins <mary@example.org>",
    To: "joe@example.net",
    "List-Id": "<bills.example.org>",
  },
  text: "Dear Joe,\n\nplease pay it. The über-long form is attached;\nask Bert (bert@banks.example) about it.\n東京\n都の請求書",
  fileNames: ["Rechnung 2026-01.pdf"],
  hasAttachment: true,
  octets: 5000,
};

describe("a message is found by", () => {
  test.each([
    "invoice",
    "INVOICE pay",
    "invoice AND NOT newsletter",
    "-newsletter",
    "(newsletter OR bill OR form)",
    "inv*",
    "*voice",
    "in?oice",
    "grosse",
    "GRÖSSE",
    "Uber",
    '"dear joe"',
    '"joe please"',
    '"long form"',
    "uber-long",
    "mary",
    "poppins",
    "mary@example.org",
    "@example.org",
    "mary@",
    "*@banks.example",
    "bert@banks.example",
    "rechnung",
    "pdf",
    "2026-01.pdf",
    "東京",
    "東京都",
    "都",
    "請求",
    "text:pay",
    'text:"please pay"',
    "text:(pay AND form)",
    "filename:*.pdf",
    "filename:rechnung*",
    "has:attachment",
    "HAS:Attachments",
    "in:joe@mail.example.org",
    "in:mail.example.org",
    "in:joe@*",
    "stored:2026-02",
    "stored:>=2026",
    "date:2026-01-15",
    "octets:5000",
    "list-id:bills.example.org invoice",
    "list-id:*",
    "subject:invoice pay",
    "subject:inv* text:joe",
    "subject:größe",
    "from:mary",
    "to:joe@example.net",
    "from:*@example.org",
    "/pay.it/",
    "text:/über-\\w+/",
    "subject:/in.oice/",
  ])("%s", (query) => {
    expect(finds(query, INVOICE)).toBe(true);
  });
});

describe("a message is not found by", () => {
  test.each([
    "invoices",
    "voice",
    "newsletter",
    "invoice newsletter",
    "invoice -pay",
    '"joe dear"',
    '"pay form"',
    "text:invoice",
    "text:mary",
    "ary@example.org",
    "mary@example",
    "mary@example.org.example.net",
    "京東",
    "東都",
    "filename:invoice",
    "filename:echnung",
    "-has:attachment",
    "in:jane@mail.example.org",
    "stored:2026-01",
    "date:2026-02",
    "octets:<5000",
    "list-id:other.example.org",
    "subject:pay",
    "subject:grosse",
    "/dear.mary/",
  ])("%s", (query) => {
    expect(finds(query, INVOICE)).toBe(false);
  });
});

test("a message without a date is found by no date, and by its negation", () => {
  expect(finds("date:>=1970", { date: null })).toBe(false);
  expect(finds("-date:>=1970", { date: null })).toBe(true);
});

test("what was not read yet is not found by its words", () => {
  const unread = { ...message(INVOICE), content: null };
  expect(compileSearch("text:pay").accepts(unread)).toBe(false);
  expect(compileSearch("text:pay").needsContent).toBe(true);
  expect(compileSearch("subject:invoice octets:>1k").needsContent).toBe(false);
});

describe("what all found messages have in common is known", () => {
  test("as ranges", () => {
    const query = compileSearch(
      "octets:>1k octets:<5k stored:2026 (a OR octets:7) -date:2020 in:joe@example.org",
    );
    expect(query.octets).toEqual({ min: 1025, max: 5119 });
    expect(query.stored).toEqual({ min: Date.UTC(2026, 0), max: Date.UTC(2027, 0) - 1 });
    expect(query.date).toEqual({ min: null, max: null });
    expect([query.mayBeIn("joe@example.org"), query.mayBeIn("jane@example.org")]).toEqual([true, false]);
  });

  test.each([
    ["invoice paid", [["ainvoice"], ["apaid"]]],
    ["a OR b", [["aa00", "ab00"]]],
    ["invoice OR octets:7", []],
    ["-invoice", []],
    ["inv*", [["ainv*"]]],
    ["*voice", []],
    ["subject:invoice from:joe@*", [["sinvoice"], ["fjoe0"]]],
    ["filename:*.pdf", [["npdf"]]],
    ["list-id:x has:attachment", []],
  ])("as tokens: %s", (query, expected) => {
    const said = compileSearch(query).clauses.map((clause) =>
      clause.map(({ token, isStart }) => (isStart ? `${token}*` : token)),
    );
    if (query.includes("joe")) expect(said).toEqual([["sinvoice"], ["fjoe"]].slice(0, said.length));
    else expect(said).toEqual(expected);
  });
});

describe("a query that cannot be read", () => {
  test.each([
    ["", 0, /empty/],
    ["!!!", 0, /no word in it/],
    ["invoice ...", 8, /no word in it/],
    ["*", 0, /no word in it/],
    ["has:attachmnt", 4, /has:attachment/],
    ["stored:yesterday", 7, /write a date/],
    ["body:hello", 0, /as text:/],
    ["subjet:hello", 0, /text, filename, has, in, stored/],
    [`"${"word ".repeat(101)}"`, 0, /at most 100 words/],
    ["/(/", 0, /missing closing/],
    ["text:", 5, /nothing follows/],
    ["(invoice", 0, /not closed/],
  ])("is said where it is wrong: %s", (query, position, said) => {
    try {
      compileSearch(query);
    } catch (error) {
      expect(error).toBeInstanceOf(CriteriaSyntaxError);
      expect(error).toMatchObject({ position, message: expect.stringMatching(said) });
      return;
    }
    throw new Error("it was accepted");
  });

  test.each(["has:attachment", "filename:x", "in:x", "stored:2026"])(
    "before a message is downloaded, says that %s is for stored mail",
    (query) => {
      expect(() => compileCriteria(query)).toThrow(/stored mail alone: mailonce search/);
    },
  );

  test("the same for bare words", () => {
    expect(() => compileCriteria("invoice")).toThrow(/for mail that is stored: mailonce search/);
  });
});

describe("a snippet", () => {
  const shown = (query: string, text: string): string | null => {
    const snippet = compileSearch(query).snippet(text);
    if (snippet === null) return null;
    let line = "";
    let at = 0;
    for (const { start, end } of snippet.hits) {
      line += `${snippet.text.slice(at, start)}[${snippet.text.slice(start, end)}]`;
      at = end;
    }
    return `${snippet.isCutBefore ? "…" : ""}${line}${snippet.text.slice(at)}${snippet.isCutAfter ? "…" : ""}`;
  };

  test("is one line around what was found, which is marked", () => {
    expect(shown("pay form", INVOICE.text ?? "")).toBe(
      "Dear Joe, please [pay] it. The über-long [form] is attached; ask Bert (bert@banks.example) about it. 東京 都の請求書",
    );
    const long = `${"lorem ipsum ".repeat(50)}the needle here ${"dolor sit amet ".repeat(50)}`;
    expect(shown("needle", long)).toMatch(/^…ipsum .* the \[needle\] here dolor .* sit…$|^….*\[needle\].*…$/);
    expect((shown("needle", long) ?? "").length).toBeLessThan(180);
  });

  test("marks phrases, addresses and characters as they stand in the text", () => {
    expect(
      shown('"please pay" 東京都 bert@banks.example -nothing', "Please\n  pay bert@banks.example. 東京\n都"),
    ).toBe("[Please pay] [bert@banks.example]. [東京 都]");
  });

  test("is the beginning of the text where that has no hit, and nothing where there is no text", () => {
    expect(shown("subject:x", "Hello\nyou")).toBe("Hello you");
    expect(shown("x", " \n ")).toBe(null);
  });
});
