import { renameCommand } from "../ledger/rename-maildrop.ts";
import type { DoctorFacts, FetchFacts, LedgerFacts } from "./facts.ts";
import { bad, type Finding, look, ok } from "./finding.ts";
import { schemaFinding, storeFindings } from "./store-findings.ts";

/** The database, its ledger, and what a fetch would do. */
export function databaseFindings({ database, fetch, server }: DoctorFacts): Finding[] {
  switch (database.kind) {
    case "absent":
      return [
        ok("database", `there is no database yet at ${database.place}: the first fetch makes it`),
        ...storeFindings(database.inspection ?? null),
        ...fetchFindings(fetch, null),
      ];
    case "failed": {
      const { code, message, kind } = database.failure;
      // A fetch brings the tables up to date by itself.
      if (code === "store-outdated")
        return [look("database", message, "the next fetch brings it up to date")];
      return [bad("database", message, null, kind)];
    }
    case "there":
      return [
        schemaFinding(database.place, database.inspection ?? null),
        ...storeFindings(database.inspection ?? null),
        ...(database.former === null ? [] : [renamed(database.former, server.maildrop)]),
        ...(database.same === undefined
          ? []
          : [bad("ledger", database.same.message, null, database.same.kind)]),
        ...ledgerFindings(database.ledger, server.maildrop),
        ...fetchFindings(fetch, database.ledger),
      ];
  }
}

function renamed(former: string, maildrop: string): Finding {
  return bad(
    "ledger",
    `the database has this mail as ${former}, and a fetch would get all of it again`,
    `write 'maildrop:' and that name into the account, or run: ${renameCommand(former, maildrop)}`,
    "config",
  );
}

function* ledgerFindings(ledger: LedgerFacts | null, maildrop: string): Generator<Finding> {
  if (ledger === null) {
    yield ok("ledger", `the maildrop ${maildrop} has not been fetched yet`);
    return;
  }
  const { lastRun, lastCount, endedCleanly, sequential, pauseReason, deferred, heldBy } = ledger;
  const when = lastRun === null ? "never" : lastRun.toISOString().replace(/\.\d+Z$/, "Z");
  yield ok("ledger", `last run: ${when}; ${lastCount} message${lastCount === 1 ? " was" : "s were"} listed`);
  if (pauseReason !== null) {
    yield look("paused", `the account is paused: ${pauseReason}`, "see to the reason, then resume it");
  }
  if (heldBy !== null) {
    yield look(
      "lease",
      `${heldBy} is working on this maildrop now`,
      "a fetch would wait with --wait, or end with exit code 75",
    );
  } else if (!endedCleanly) {
    yield look(
      "last-run",
      "the last run did not end by itself: it was killed, or its connection broke",
      "the next one goes carefully, one message at a time at first; nothing need be done",
    );
  }
  if (sequential) {
    yield look(
      "sequential",
      "replies of this server once did not fit its commands: commands go one at a time",
      "this keeps mail safe, and takes longer; nothing need be done",
    );
  }
  if (deferred > 0) {
    yield look(
      "deferred",
      `${deferred} message${deferred === 1 ? "" : "s"} could not be had so far`,
      "see 'mailonce deferred list'",
    );
  }
}

function fetchFindings(fetch: FetchFacts | null, ledger: LedgerFacts | null): Finding[] {
  if (fetch === null) return [];
  const { counts } = fetch;
  const parts = [`${counts.new} new`, `${counts.known} known`];
  if (counts.rebound > 0) parts.push(`${counts.rebound} known under another unique-id`);
  if (counts.waiting > 0) parts.push(`${counts.waiting} waiting`);
  if (counts.deferred > 0) parts.push(`${counts.deferred} deferred`);
  const first =
    ledger === null && counts.new > 0
      ? "to have only what comes from now on, run 'mailonce baseline' first"
      : null;
  return [ok("fetch", `a fetch would find ${parts.join(", ")}`, first)];
}
