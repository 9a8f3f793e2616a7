import type { Outcome, StoredMessage } from "@mailonce/core";
import type { AccountReport } from "@mailonce/runtime";
import { EXIT } from "./exit-code.ts";
import { uniqueIdText } from "./format.ts";

/** `{"type":"outcome",…}` of the command line's contract. */
export function outcomeLine(maildrop: string, outcome: Outcome): object {
  return {
    type: "outcome",
    kind: outcome.kind,
    maildrop,
    messageNumber: outcome.messageNumber,
    uniqueId: uniqueIdText(outcome.uniqueId),
    octets: outcome.octets,
    id: outcome.kind === "stored" || outcome.kind === "rebound" ? outcome.id : null,
    reason: outcome.kind === "deferred" || outcome.kind === "failed" ? outcome.reason : null,
    ...(outcome.kind === "waiting" ? { ripe: outcome.ripe } : {}),
  };
}

/** A report whose `maildrop` is null if the command failed before it was known which maildrops it is about. */
export type UnnamedReport = Omit<AccountReport, "maildrop"> & { readonly maildrop: string | null };

/**
 * `{"type":"summary",…}` of the command line's contract; `baselined` only after a baseline, `left` only where the limit
 * left messages. With them `counts` add up to the messages that are listed.
 */
export function summaryLine(report: UnnamedReport): object {
  const { maildrop, counts, left, warnings, ending, error, baselined } = report;
  return {
    type: "summary",
    maildrop,
    counts,
    ...(left > 0 ? { left } : {}),
    baselined,
    warnings,
    exitCode: EXIT[ending],
    error,
  };
}

/** `{"type":"message",…}`; SHA-256 in hexadecimal, times in UTC. */
export function messageLine(message: StoredMessage, more: object = {}): object {
  return {
    type: "message",
    id: message.id,
    maildrop: message.maildrop,
    octets: message.octets,
    sha256: Buffer.from(message.sha256).toString("hex"),
    messageId: message.messageIdHeader,
    date: message.date,
    dateKind: message.dateKind,
    from: message.from,
    to: message.to,
    subject: message.subject,
    hasAttachments: message.attachments,
    storedAt: message.storedAt,
    ...more,
  };
}
