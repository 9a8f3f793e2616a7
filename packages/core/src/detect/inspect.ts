import { LISTING_START, Listing } from "../listing/listing.ts";
import { startAfterMark } from "../listing/mark.ts";
import { type Listings, receiveListings } from "../listing/receive.ts";
import { uniqueIdKey } from "../message/identity.ts";
import { KnownBlock } from "../ports/known-block.ts";
import type { LedgerEntry } from "../ports/ledger-entry.ts";
import type { MaildropSession } from "../ports/maildrop-session.ts";
import type { RunState } from "../report/run-state.ts";
import { type Detection, detect } from "./detect.ts";

/** If more entries than this follow the mark, looking them up does not pay: the whole ledger is streamed. */
const MAX_TAIL = 1000;
/** How many unique-ids that UIDL left out are asked for one by one; the other entries are taken to have none. */
const MAX_SINGLE_UIDL = 100;

/** The result of the stages listing and detect. */
export interface Inspection extends Detection {
  /** Number of messages that the server lists, also those that the mark covers. */
  readonly listed: number;
  /** True if the listing is empty or less than half of the last one: servers in trouble say "no mail", not "error". */
  readonly suspicious: boolean;
  /** True if the ledger has no entry of the maildrop. */
  readonly isLedgerEmpty: boolean;
}

/** Lists the maildrop, tells known entries from new ones, and adds warnings about the listing to the run's report. */
export async function inspect(run: RunState): Promise<Inspection> {
  run.report.progress.phase = "listing";
  const raw = await receiveListings(run.session.listings(), run.facts.mark);
  run.report.progress.phase = "detecting";
  const inspection = (await inspectTail(run, raw)) ?? (await inspectWhole(run, raw));
  const { entries, listed, suspicious } = inspection;
  run.report.entries = entries;
  run.report.progress.listed = listed;
  if (suspicious && run.facts.lastCount > 0)
    run.report.warn(
      "suspicious-listing",
      `the server lists ${listed} messages, the last time it listed ${run.facts.lastCount}; nothing was forgotten`,
    );
  if (entries.listing.malformedLines > 0)
    run.report.warn(
      "malformed-listing",
      "the server's listing has lines that cannot be read; what they list is not fetched",
    );
  // For an empty maildrop some servers refuse UIDL.
  if (raw.uidl === null && listed > 0)
    run.report.warn(
      "no-unique-ids",
      "the server has no UIDL: messages are told apart by their headers and contents",
    );
  return inspection;
}

/** Looks only at the entries after the mark (rules 22 and 23). Gives null if the whole ledger has to be streamed. */
async function inspectTail(run: RunState, raw: Listings): Promise<Inspection | null> {
  const { mark, uniqueIdsTrusted, retrievalHides } = run.facts;
  // On servers where retrieval hides messages, settled entries are needed too (rule 19), and listings are short.
  if (!uniqueIdsTrusted || retrievalHides) return null;
  const start = startAfterMark(raw, mark, run.criteriaDigest);
  if (start.count === 0) return null;
  const listing = new Listing(raw, start);
  if (listing.length > MAX_TAIL) return null;
  await completeIds(run.session, listing);
  const bare = await detect(listing, noRows(), detectOptions(run));
  const open = [...bare.entries.in("unknown"), ...bare.entries.in("classed")];
  const ids = open.flatMap((index) => listing.uniqueId(index) ?? []);
  const rows = await run.rows(ids.map(uniqueIdKey));
  const detection = rows.length === 0 ? bare : await detect(listing, blockOf(rows), detectOptions(run));
  const { entries } = detection;
  // A row for one of them means that not only the tail has changed, save that it is one which still waits where it was.
  if (rows.length !== entries.in("waiting").length) return null;
  const unknown = entries.in("unknown");
  // It is not known which rows are no longer listed, so each entry of the tail may be renumbered mail.
  const absentOctets = new Set(unknown.map((index) => listing.octets(index) ?? -1));
  return {
    ...detection,
    absentOctets,
    listed: start.count + listing.length,
    suspicious: isSuspicious(start.count + listing.length, run.facts.lastCount),
    // There is a mark, so there are rows.
    isLedgerEmpty: false,
  };
}

async function inspectWhole(run: RunState, raw: Listings): Promise<Inspection> {
  const listing = new Listing(raw, LISTING_START);
  await completeIds(run.session, listing);
  let isLedgerEmpty = true;
  const isNew = run.lease?.isNew === true;
  const blocks = async function* () {
    for await (const block of isNew ? noRows() : run.store.knownEntries(run.maildrop.id)) {
      isLedgerEmpty &&= block.length === 0;
      yield block;
    }
  };
  const detection = await detect(listing, blocks(), detectOptions(run));
  return {
    ...detection,
    listed: listing.length,
    suspicious: isSuspicious(listing.length, run.facts.lastCount),
    isLedgerEmpty,
  };
}

/** Asks `UIDL n` for message numbers that UIDL left out (rule 5). */
async function completeIds(session: MaildropSession, listing: Listing): Promise<void> {
  if (listing.raw.uidl === null || listing.aligned) return;
  let asked = 0;
  for (let index = 0; index < listing.length && asked < MAX_SINGLE_UIDL; index++) {
    if (listing.uniqueId(index) !== null || !listing.isMissingId(index)) continue;
    asked++;
    const uniqueId = await session.uidlOne(listing.messageNumber(index));
    if (uniqueId !== null) listing.setUniqueId(index, uniqueId);
  }
}

function detectOptions(run: RunState) {
  return {
    uniqueIdsTrusted: run.facts.uniqueIdsTrusted,
    criteriaDigest: run.criteriaDigest,
    now: run.now(),
  };
}

async function* noRows(): AsyncGenerator<KnownBlock> {}

async function* blockOf(rows: readonly LedgerEntry[]): AsyncGenerator<KnownBlock> {
  const block = new KnownBlock(rows.length);
  // Of what still waits nothing is stored, and any other row makes this look useless.
  for (const row of rows) block.add({ ...row, messageKey: null });
  yield block;
}

function isSuspicious(count: number, lastCount: number): boolean {
  return count === 0 || count * 2 < lastCount;
}
