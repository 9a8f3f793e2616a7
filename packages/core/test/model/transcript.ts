import { createHash } from "node:crypto";
import type { LedgerEntry, MaildropFacts, NewMessage, Outcome, RunSummary } from "../../src/index.ts";
import type { ModelSession } from "./session.ts";
import type { StoreWatch } from "./store.ts";

const MESSAGE_ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/**
 * All commands, commits and outcomes of a history's runs, line by line. Two builds of the core behave in the same way if
 * they give the same lines. Message ids, which are random, are written as #1, #2 and so on.
 */
export class Transcript {
  readonly lines: string[] = [];
  readonly #ids = new Map<string, string>();

  add(line: string): void {
    this.lines.push(line.replace(MESSAGE_ID, (id) => this.#name(id)));
  }

  /** SHA-256 of the lines, in hexadecimal digits. */
  digest(): string {
    return createHash("sha256").update(this.lines.join("\n")).digest("hex");
  }

  #name(id: string): string {
    const name = this.#ids.get(id) ?? `#${this.#ids.size + 1}`;
    this.#ids.set(id, name);
    return name;
  }
}

/** One line for the commands of a run, and one for each of its outcomes and for its summary. */
export function runLines(
  session: ModelSession,
  outcomes: readonly Outcome[],
  summary: RunSummary,
): readonly string[] {
  const said = `  said: ${session.commands.join(", ")}`;
  const { waiting, ...counts } = summary.counts;
  // Before there were ages there was no such count.
  const told = { ...summary, counts: waiting === 0 ? counts : summary.counts };
  return [said, ...outcomes.map((outcome) => `  told: ${plain(outcome)}`), `  summary: ${plain(told)}`];
}

/** The same watch, which also writes a line for each commit, with the rows in the order of their keys. */
export function committedLines(watch: StoreWatch, trace: (line: string) => void): StoreWatch {
  return {
    refuses: (message) => watch.refuses(message),
    committed(
      messages: readonly NewMessage[],
      entries: readonly LedgerEntry[],
      facts: Partial<MaildropFacts>,
      deleted: readonly Uint8Array[],
    ) {
      const sorted = entries.map(plain).sort(byCodeUnits);
      trace(`  committed: ${plain({ messages, entries: sorted, facts, deleted })}`);
      watch.committed(messages, entries, facts, deleted);
    },
  };
}

/**
 * JSON with octets as text, one character for each, and names in alphabetical order. The digest of a mark is left out,
 * because it has a random key.
 */
function plain(value: unknown): string {
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString("latin1"));
  if (Array.isArray(value)) return `[${value.map(plain).join(",")}]`;
  if (value === null || typeof value !== "object" || value instanceof Date) return JSON.stringify(value);
  const isMark = "uidlOctets" in value;
  const members = Object.entries(value).filter(([name]) => !(isMark && name === "digest"));
  const texts = members.map(([name, member]) => `${JSON.stringify(name)}:${plain(member ?? null)}`);
  return `{${texts.sort(byCodeUnits).join(",")}}`;
}

function byCodeUnits(a: string, b: string): number {
  return Number(a > b) - Number(a < b);
}
