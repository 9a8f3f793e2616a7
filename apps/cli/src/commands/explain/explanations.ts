import type { Explanation, QueryCriteria, TermFinding } from "@mailonce/core";
import { formatCount, formatDate, formatNumber } from "../../output/format.ts";
import { safeLine } from "../../output/safe-text.ts";
import type { Terminal } from "../../output/terminal.ts";

/** A message whose explanation is told. */
export interface ExplainedMessage {
  /** Where it is: a maildrop's name, or a file's. */
  readonly place: { readonly maildrop: string } | { readonly file: string };
  /** By what people find the message in that place; empty where the place is the message, as a file is. */
  readonly label: string;
  /** The fields by which programs find it there. */
  readonly key: object;
  readonly octets: number | null;
  readonly subject: string | null;
  /** Null: the server gives no header without the whole message, so nothing can be said. */
  readonly explanation: Explanation | null;
}

/** Writes what criteria say of messages, for people or for programs. */
export class Explanations {
  readonly #terminal: Terminal;
  readonly #json: boolean;
  #messages = 0;
  #wanted = 0;

  constructor(terminal: Terminal, json: boolean) {
    this.#terminal = terminal;
    this.#json = json;
  }

  /** The query as it was understood. */
  async query(criteria: QueryCriteria): Promise<void> {
    const { query, canonical } = criteria;
    const words = criteria.describe();
    const digest = Buffer.from(criteria.digest).toString("hex");
    if (this.#json) return this.#terminal.json({ type: "criteria", query, canonical, digest, words });
    await this.#terminal.line("A message is wanted if");
    for (const line of words) await this.#terminal.line(`  ${indentation(line)}${safeLine(line)}`);
  }

  async message({ place, label, key, octets, subject, explanation }: ExplainedMessage): Promise<void> {
    this.#messages++;
    if (explanation?.accepted === true) this.#wanted++;
    const wanted = explanation?.accepted ?? null;
    const findings = explanation?.findings ?? [];
    const waitsUntil = explanation?.waitsUntil ?? null;
    if (this.#json)
      return this.#terminal.json({
        type: "explanation",
        ...place,
        ...key,
        octets,
        subject,
        wanted,
        ...(waitsUntil === null ? {} : { ripe: waitsUntil }),
        findings,
      });
    const verdict = verdictOf(explanation);
    const name = [label, safeLine(subject ?? "(no subject)")].filter((part) => part !== "").join("  ");
    await this.#terminal.line(`${this.#terminal.bold(verdict.padEnd(9))}  ${name}`);
    if (wanted === null)
      await this.#terminal.line(this.#terminal.faint("             the server gives no header by TOP"));
    if (waitsUntil !== null)
      await this.#terminal.line(
        this.#terminal.faint(
          `             wanted from ${formatDate(waitsUntil)} on, if it is still listed then`,
        ),
      );
    for (const finding of findings) await this.#terminal.line(this.#terminal.faint(findingLine(finding)));
  }

  /** Tells how many of the messages since the last totals are wanted; this place is what they have in common. */
  async totals(place: string): Promise<void> {
    const [messages, wanted] = [this.#messages, this.#wanted];
    this.#messages = 0;
    this.#wanted = 0;
    if (this.#json) return;
    const verb = wanted === 1 ? "is" : "are";
    await this.#terminal.line(
      `${safeLine(place)}: ${formatNumber(wanted)} of ${formatCount(messages, "message")} ${verb} wanted.`,
    );
  }
}

function verdictOf(explanation: Explanation | null): string {
  if (explanation === null) return "undecided";
  if (explanation.accepted) return "wanted";
  return explanation.waitsUntil === null ? "skipped" : "waiting";
}

function findingLine({ term, holds, found }: TermFinding): string {
  const what = found === null ? "there is no such field" : safeLine(found);
  return `             ${holds ? "yes" : "no "}  ${safeLine(term)}: ${what}`;
}

function indentation(line: string): string {
  return " ".repeat(line.length - line.trimStart().length);
}
