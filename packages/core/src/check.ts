import { reasonsOf, waiting } from "./apply.ts";
import { bind } from "./bind.ts";
import { listedMessage } from "./candidate.ts";
import { readHeader } from "./header.ts";
import { inspect } from "./inspect.ts";
import { InMemoryStore } from "./memory/store.ts";
import type { Outcome } from "./outcome.ts";
import type { Report } from "./report.ts";
import { Roll } from "./roll.ts";
import type { CheckOptions } from "./run.ts";
import { RunState } from "./run-state.ts";
import { select } from "./select.ts";

/** The stages of a check: listing, detect, select, report. */
export async function* checkStages(
  options: CheckOptions,
  report: Report,
): AsyncGenerator<readonly Outcome[]> {
  const { session } = options;
  const found = (await options.store?.findMaildrop(options.maildrop)) ?? null;
  // A maildrop that was never fetched is like one in an empty database.
  const store = found === null || options.store === null ? new InMemoryStore() : options.store;
  const run = new RunState({
    store,
    maildrop: found ?? (await store.openMaildrop(options.maildrop)),
    criteria: options.criteria ?? null,
    leaseToken: null,
    now: options.now ?? (() => new Date()),
    report,
  });
  const inspection = await inspect(run, session);
  const { listing, detection } = inspection;
  report.progress.phase = "selecting";
  const selection = await select(run, session, listing, detection);
  report.counts.known = detection.known + selection.known;
  yield selection.rejected.map((candidate) => report.count({ kind: "skipped", ...listedMessage(candidate) }));

  const fresh = [...selection.queue];
  if (selection.rebinds.length > 0) {
    const roll = new Roll(listing, detection.index, run.facts.uniqueIdsTrusted, detection.settled);
    const context = { roll, groups: selection.groups, write: false };
    const bound = await run.transact((tx) => bind(run, tx, selection.rebinds, context));
    const messages = new Map(bound.map(({ candidate, messageId }) => [candidate, messageId]));
    for (const candidate of selection.rebinds) {
      const id = messages.get(candidate);
      if (id === undefined) fresh.push(candidate);
      else yield [report.count({ kind: "rebound", ...listedMessage(candidate), id })];
    }
  }
  const failed = [...selection.retries, ...selection.waiting];
  const reasons = await reasonsOf(run, failed);
  yield failed.map((candidate) => report.count(waiting(candidate, reasons).outcome));

  fresh.sort((a, b) => a.messageNumber - b.messageNumber);
  const shown = fresh.slice(0, options.limit);
  report.left = fresh.length - shown.length;
  report.progress.phase = "retrieving";
  report.progress.messages = shown.length;
  const pipelining = session.pipelining && !run.facts.sequential;
  const numbers = shown.map(({ messageNumber }) => messageNumber);
  let next = 0;
  for await (const reply of session.topHeaders(numbers, { pipelining })) {
    const candidate = shown[next++];
    if (candidate === undefined) break;
    report.progress.messagesDone = next;
    const header = reply.kind === "header" ? readHeader(reply.header) : null;
    yield [report.count({ kind: "new", ...listedMessage(candidate), header })];
  }
  await session.quit();
}
