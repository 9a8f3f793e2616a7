import { readFileSync } from "node:fs";
import { mailOctets, unescaped } from "./template.ts";

/** What a person should read of a mail of the table. Null: there is none. */
export interface Reading {
  readonly subject: string | null;
  readonly from: string | null;
  /** ISO 8601 in UTC. */
  readonly date: string | null;
  readonly dateKind: string | null;
  readonly text: string;
  /** The name of its attachment. */
  readonly file: string | null;
}

/** A mail of the table. */
export interface CorpusMail {
  readonly language: string;
  /** What is special about it. */
  readonly habit: string;
  /** As it stands in the table. */
  readonly source: string;
  readonly octets: Buffer;
  readonly expected: Reading;
  /** What a terminal gets where that is not the same: it must not obey mail. */
  readonly shown: Pick<Reading, "subject" | "from" | "text">;
  /** Why nothing better is expected; null where that needs no word. */
  readonly because: string | null;
  /** The charsets that it is written in. */
  readonly charsets: readonly string[];
}

const RECORD = /^=== /m;
const EXPECTED = "\n--- reads\n";

/** All mails of the table `corpus.txt`, whose beginning says how it is written. */
export function corpus(): readonly CorpusMail[] {
  return corpusSources().map(({ title, source, fields, octets }) => {
    const [language = "", habit = ""] = title.split(/: (.*)/s);
    const [date = null, dateKind = null] = statedValue(fields, "date")?.split(" ") ?? [];
    const expected = {
      subject: statedValue(fields, "subject"),
      from: statedValue(fields, "from"),
      date,
      dateKind,
      text: fields.get("text") ?? "",
      file: fields.get("file") ?? null,
    };
    const shown = {
      subject: fields.get("shown subject") ?? expected.subject,
      from: fields.get("shown from") ?? expected.from,
      text: fields.get("shown text") ?? expected.text,
    };
    const charsets = [...source.matchAll(/⟦([a-z0-9_-]+)/g)].map(([, charset = ""]) => charset);
    return {
      language,
      habit,
      source,
      octets,
      expected,
      shown,
      because: fields.get("because") ?? null,
      charsets,
    };
  });
}

interface Source {
  readonly title: string;
  readonly source: string;
  readonly fields: ReadonlyMap<string, string>;
  readonly octets: Buffer;
}

function corpusSources(): readonly Source[] {
  return records().map((record) => {
    const [mail = "", reads = ""] = record.split(EXPECTED);
    const end = mail.indexOf("\n");
    const [title, source] = [mail.slice(0, end), mail.slice(end + 1)];
    try {
      return { title, source, fields: fieldsOf(reads), octets: mailOctets(source) };
    } catch (cause) {
      throw new Error(`corpus.txt, "${title}": ${(cause as Error).message}`, { cause });
    }
  });
}

/** The mails of the table as they stand there, without their titles. */
export function records(): readonly string[] {
  const table = readFileSync(new URL("corpus.txt", import.meta.url), "utf8");
  return table.split(RECORD).slice(1);
}

const NAME = /^(subject|from|date|text|file|shown subject|shown from|shown text|because):(?: (.*))?$/;

/** Names and values; those of texts are the lines that follow. */
function fieldsOf(reads: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let open: string | null = null;
  for (const line of reads.split("\n")) {
    const [, name, value] = NAME.exec(line) ?? [];
    if (name === undefined) {
      if (open !== null) fields.set(open, `${fields.get(open)}\n${line}`);
      else if (line !== "") throw new Error(`"${line}" is nothing that is expected`);
      continue;
    }
    open = name.endsWith("text") ? name : null;
    fields.set(name, value ?? "");
  }
  return new Map(
    [...fields].map(([name, value]) => [name, unescaped(name.endsWith("text") ? value.trim() : value)]),
  );
}

/** `none` stands for null. */
function statedValue(fields: ReadonlyMap<string, string>, name: string): string | null {
  const value = fields.get(name);
  if (value === undefined) throw new Error(`it does not say which ${name} is expected`);
  return value === "none" ? null : value;
}
