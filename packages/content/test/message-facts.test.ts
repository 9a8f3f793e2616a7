import { headerEnd, readHeader } from "@mailonce/core/message";
import { describe, expect, it } from "vitest";
import { CONTENT_VERSION, type MessageContent } from "../src/index.ts";
import { readContent } from "../src/read-content.ts";
import { corpus } from "./corpus/corpus.ts";
import { read, readOctets } from "./mail.ts";

describe("of its header a message tells", () => {
  it("its message-id and those of the conversation, in angle brackets", () => {
    const { messageId, inReplyTo, references } = read(
      [
        "Message-ID: <3@x.org>",
        "In-Reply-To: Your message of Monday <2@x.org> and <9@x.org>",
        "References: <1@x.org> <2@\r\n x.org>(comment)<2b@x.org>",
      ],
      "x",
    );
    expect({ messageId, inReplyTo, references }).toEqual({
      messageId: "<3@x.org>",
      inReplyTo: "<2@x.org>",
      references: ["<1@x.org>", "<2@x.org>", "<2b@x.org>"],
    });
  });

  it.each<[string, string | null, string | null]>([
    ["<a@x.org>", "<a@x.org>", "<a@x.org>"],
    ["a@x.org", "<a@x.org>", "<a@x.org>"],
    ["abc", "<abc>", "<abc>"],
    ["<a b@x.org>", "<ab@x.org>", "<ab@x.org>"],
    ["<>", null, null],
    ["", null, null],
    ["message of Monday", null, null],
  ])("the ids of fields that are not as they should be: %s", (field, id, first) => {
    const { messageId, inReplyTo } = read([`Message-Id: ${field}`, `In-Reply-To: ${field}`], "x");
    expect([messageId, inReplyTo]).toEqual([id, first]);
  });

  it("no more references than the bound, the first and the last ones", () => {
    const ids = Array.from({ length: 6 }, (_, at) => `<${at}@x>`);
    const { references, faults } = readOctets(`References: ${ids.join("\n ")}\n\nx`, { references: 3 });
    expect(references).toEqual(["<0@x>", "<4@x>", "<5@x>"]);
    expect(faults).toEqual(["there are more than 3 references; those in the middle are left out"]);
  });

  it("its date, and why it may be another", () => {
    expect(read("Date: Tue, 05 Nov 2019 11:13:27 +0100", "x").date).toEqual({
      moment: new Date("2019-11-05T10:13:27Z"),
      doubts: [],
    });
    expect(read("Date: 03/04/2015 10:00", "x").date?.doubts).toEqual(["no-zone", "day-or-month"]);
    expect(read("Date: soon", "x").date).toBeNull();
    expect(read(["Date: soon", "Date: 5 Nov 2019 11:13 +0100"], "x").date).toMatchObject({ doubts: [] });
  });

  it.each(corpus())("the same subject and date as a list: $language: $habit", ({ octets }) => {
    const header = readHeader(octets.subarray(0, headerEnd(octets)));
    const { subject, date } = readContent(octets);
    expect(subject).toBe(header.subject);
    if (header.dateKind !== "received") expect(date?.moment).toEqual(header.date ?? undefined);
  });

  it.each(corpus())("the sender's name and address: $language: $habit", ({ octets, expected }) => {
    const [sender] = readContent(octets).addresses;
    const bare = (text: string): string => text.replace(/[\s"\\]/g, "");
    const words = bare(expected.from ?? "");
    if (sender?.role !== "from") expect(words).toBe("");
    else for (const one of [sender.name, sender.address]) expect(words).toContain(bare(one ?? ""));
  });
});

describe("the preview of a message", () => {
  const preview = (...lines: readonly string[]): string => read("Subject: x", ...lines).preview;

  it("is the beginning of its text in one line", () => {
    expect(preview("Hello,", "", "  all \t is", "well. ")).toBe("Hello, all is well.");
    expect(preview()).toBe("");
  });

  it.each<[string, readonly string[], string]>([
    ["before a quotation", ["Yes.", "", "On 1 Jan 2024, Joe wrote:", "> No?"], "Yes."],
    ["after a quotation", ["On 1 Jan 2024, Joe wrote:", "> No?", ">", "> No?", "", "Yes."], "Yes."],
    ["between quotations", ["Joe wrote:", "> a", "", "Yes.", "> b", "No."], "Yes. No."],
    [
      "with a sentence of two lines",
      ["Yes.", "On 1 Jan 2024 at 10:00, Joe", "<joe@x.org> wrote:", "> a"],
      "Yes.",
    ],
    [
      "before a quotation without marks",
      ["Ja.", "", "Am 1.1.2024 um 10:00 schrieb Joe:", "Nein?"],
      "Ja. Nein?",
    ],
    ["before an original message", ["Yes.", "-----Original Message-----", "From: Joe"], "Yes. From: Joe"],
    ["in other languages", ["Так.", "Иван пишет:", "> Нет?"].map((one) => one), "Так."],
    ["where a colon introduces nothing", ["Two things:", "tea and milk"], "Two things: tea and milk"],
    [
      "where there is nothing else",
      ["On 1 Jan 2024, Joe wrote:", "> No?"],
      "On 1 Jan 2024, Joe wrote: > No?",
    ],
  ])("leaves quotations out: %s", (_, lines, expected) => {
    const octets = Buffer.from(["Content-Type: text/plain; charset=utf-8", "", ...lines].join("\r\n"));
    expect(readContent(octets).preview).toBe(expected);
  });

  it("leaves out what nobody sees", () => {
    const html = `<div>Hello</div><div>${"&zwnj;&nbsp;".repeat(100)}</div><p>world</p>`;
    expect(read("Content-Type: text/html", html).preview).toBe("Hello world");
  });

  it("has at most 200 code units and is not cut within a character", () => {
    expect(preview("word ".repeat(100))).toHaveLength(199);
    const family = "👨‍👩‍👧‍👦";
    const octets = Buffer.from(`Content-Type: text/plain; charset=utf-8\n\n${`${family}`.repeat(40)}`);
    expect(readContent(octets).preview).toBe(family.repeat(18));
    const marks = Buffer.from(`Content-Type: text/plain; charset=utf-8\n\ne${"\u0301".repeat(300)}`);
    expect(readContent(marks).preview).toHaveLength(200);
  });
});

describe("of a part a message tells", () => {
  it("the digest of its octets, decoded, and its id", () => {
    const { parts } = readOctets(
      [
        "Content-Type: image/png",
        "Content-Transfer-Encoding: base64",
        "Content-ID: <logo@x.org>",
        "",
        "YWJj",
      ].join("\n"),
    );
    expect(parts).toMatchObject([{ octets: 3, contentId: "logo@x.org" }]);
    expect(Buffer.from(parts[0]?.sha256 ?? []).toString("hex")).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });

  it("the digest of a file in a text", () => {
    const { parts } = read("Subject: x", "see", "begin 644 a.txt", "#86)C", "`", "end");
    const [text, file] = parts.map(({ sha256 }) => Buffer.from(sha256).toString("hex"));
    expect(file).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(text).not.toBe(file);
  });
});

describe("a message has an attachment", () => {
  function mixed(subtype: string, ...parts: readonly string[]): MessageContent {
    const inner = parts.map((part) => `--b\n${part}\n`).join("");
    return readOctets(`Content-Type: multipart/${subtype}; boundary=b\n\n${inner}--b--\n`);
  }
  const text = "Content-Type: text/plain\n\nhello";
  const html = (source: string): string => `Content-Type: text/html\n\n${source}`;
  const picture = "Content-Type: image/png\nContent-ID: <logo%1@x.org>\n\nx";

  it.each<[string, boolean, MessageContent]>([
    ["a text alone", false, readOctets(text)],
    ["two versions of a text", false, mixed("alternative", text, html("<p>hello"))],
    ["a file", true, mixed("mixed", text, "Content-Type: application/pdf\n\nx")],
    ["a file alone", true, readOctets("Content-Type: application/pdf\n\nx")],
    ["a text file", true, mixed("mixed", text, `Content-Disposition: attachment\n${text}`)],
    ["a picture", true, mixed("mixed", text, picture)],
    ["a picture that HTML shows", false, mixed("related", html('<img src="cid:logo%251@x.org">'), picture)],
    ["a picture that no HTML shows", true, mixed("related", html('<img src="cid:other@x.org">'), picture)],
    [
      "a document that HTML refers to",
      true,
      mixed("related", html('<a href="cid:d@x">'), "Content-Type: application/pdf\nContent-ID: <d@x>\n\nx"),
    ],
    ["a signature", false, mixed("signed", text, "Content-Type: application/pgp-signature\n\nx")],
    [
      "a message that is shown",
      false,
      mixed("mixed", text, `Content-Type: message/rfc822\n\nTo: x\n\nhello`),
    ],
    [
      "a message as a file",
      true,
      mixed("mixed", text, "Content-Type: message/rfc822\nContent-Disposition: attachment\n\nTo: x\n\nhello"),
    ],
    [
      "an invitation that is shown",
      false,
      readOctets("Content-Type: text/calendar\n\nBEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT"),
    ],
    ["a file in a text", true, readOctets("Subject: x\n\nbegin 644 a.txt\n#86)C\n`\nend")],
  ])("or none: %s", (_, expected, { hasAttachment }) => {
    expect(hasAttachment).toBe(expected);
  });
});

it("what reads content has a version", () => {
  expect(Number.isInteger(CONTENT_VERSION)).toBe(true);
});
