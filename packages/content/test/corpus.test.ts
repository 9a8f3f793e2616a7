import { headerEnd, readHeader } from "@mailonce/core/message";
import { describe, expect, it } from "vitest";
import { readContent } from "../src/index.ts";
import { type CorpusMail, corpus, type Reading } from "./corpus/corpus.ts";

const MAILS = corpus();

/** What is read of a mail: its fields as list, criteria and hooks have them, its text and file as show has them. */
function read({ octets }: CorpusMail): Reading {
  const { subject, from, date, dateKind } = readHeader(octets.subarray(0, headerEnd(octets)));
  const { text, parts } = readContent(octets);
  const file = parts.find(({ fileName }) => fileName !== null)?.fileName ?? null;
  return { subject, from, date: date?.toISOString() ?? null, dateKind, text, file };
}

/** The first field of this name as show has it. */
function shownField({ octets }: CorpusMail, name: string): string | null {
  const fields = readContent(octets).headers.filter((field) => field.name.toLowerCase() === name);
  return fields.find(({ value }) => value !== "")?.value ?? null;
}

/** Control characters, what stands for octets that are no character, and what no font has. */
const NEVER = /[\p{Control}\p{Surrogate}\p{Private_Use}\ufffd]/u;

describe("the corpus of mail", () => {
  it("has 300 mails of at least 15 languages and 20 charsets, each of them once", () => {
    const titles = new Set(MAILS.map(({ language, habit }) => `${language}: ${habit}`));
    const mails = new Set(MAILS.map(({ octets }) => octets.toString("latin1")));
    expect(MAILS.length).toBeGreaterThanOrEqual(300);
    expect([titles.size, mails.size]).toEqual([MAILS.length, MAILS.length]);
    expect(new Set(MAILS.map(({ language }) => language)).size).toBeGreaterThanOrEqual(15);
    expect(new Set(MAILS.flatMap(({ charsets }) => charsets)).size).toBeGreaterThanOrEqual(20);
  });

  it("says why where a terminal gets a sign for a character, and shows no control character", () => {
    for (const { expected, shown, because, habit } of MAILS) {
      const differs = JSON.stringify({ ...expected, ...shown }) !== JSON.stringify(expected);
      expect([habit, differs && because === null]).toEqual([habit, false]);
      const { subject, from, text } = differs ? expected : shown;
      const clean = [subject, from, text.replaceAll("\n", "")].every(
        (one) => one === null || !NEVER.test(one),
      );
      expect([habit, clean]).toEqual([habit, !differs || /[\u202a-\u202e]/.test(`${subject}${text}`)]);
    }
  });

  it.each(MAILS)("$language: $habit", (mail) => {
    expect(read(mail)).toEqual(mail.expected);
    const { subject, from } = mail.expected;
    expect([shownField(mail, "subject"), shownField(mail, "from")]).toEqual([subject, from]);
  });
});
