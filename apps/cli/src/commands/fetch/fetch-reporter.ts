import type { AccountReport } from "@mailonce/runtime";
import { formatCount, formatNumber, formatOctets } from "../../output/format.ts";
import { messageColumns, shortId } from "../../output/message-columns.ts";
import { type LineOutcome, TextReporter } from "../../output/text-reporter.ts";

/** One line for each message that is stored, and the totals. */
export class FetchReporter extends TextReporter {
  readonly command = "fetch";
  readonly #octets = new Map<string, number>();

  protected linesOf(maildrop: string, outcome: LineOutcome): readonly string[] {
    const label = this.label(maildrop);
    switch (outcome.kind) {
      case "stored": {
        const { id, header, octets } = outcome;
        this.#octets.set(maildrop, this.#octetsOf(maildrop) + (octets ?? 0));
        return [messageColumns({ ...header, octets }, [...label, shortId(id)], this.terminal)];
      }
      case "rebound": {
        const id = outcome.id === null ? "" : `: ${shortId(outcome.id)}`;
        const words = `message ${outcome.messageNumber} is known under another unique-id${id}`;
        return [[...label, words].join("  ")];
      }
      default:
        return [];
    }
  }

  protected totals(report: AccountReport): string {
    const { maildrop, counts, left, error } = report;
    const size = counts.stored === 0 ? "" : ` (${formatOctets(this.#octetsOf(maildrop))})`;
    const parts = [
      `${formatCount(counts.stored, "message")} stored${size}`,
      `${formatNumber(counts.known)} known`,
    ];
    if (counts.skipped > 0) parts.push(`${formatNumber(counts.skipped)} skipped`);
    if (counts.waiting > 0) parts.push(`${formatNumber(counts.waiting)} waiting`);
    if (counts.rebound > 0) parts.push(`${formatNumber(counts.rebound)} known under another unique-id`);
    if (counts.deferred > 0) parts.push(`${formatNumber(counts.deferred)} deferred`);
    if (counts.failed > 0) parts.push(`${formatNumber(counts.failed)} failed`);
    // New messages beyond the limit, and those that the run has not come to.
    if (left + counts.new > 0) parts.push(`${formatNumber(left + counts.new)} more new`);
    const rest = error === null ? "" : " What is stored is kept; the rest comes next time.";
    return `${maildrop}: ${parts.join(", ")}.${rest}`;
  }

  protected grandTotals(reports: readonly AccountReport[]): string {
    const stored = reports.reduce((sum, { counts }) => sum + counts.stored, 0);
    const octets = reports.reduce((sum, { maildrop }) => sum + this.#octetsOf(maildrop), 0);
    return `${formatCount(stored, "message")} stored${stored === 0 ? "" : ` (${formatOctets(octets)})`}`;
  }

  #octetsOf(maildrop: string): number {
    return this.#octets.get(maildrop) ?? 0;
  }
}
