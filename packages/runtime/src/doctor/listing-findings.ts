import type { DoctorFacts, LedgerFacts, ListingFacts, UniqueIdFacts } from "./facts.ts";
import { type Finding, look, ok } from "./finding.ts";

/** The maildrop's listing and its unique-ids. */
export function listingFindings({ listing, database }: DoctorFacts): Finding[] {
  if (listing === null) return [];
  const ledger = database.kind === "there" ? database.ledger : null;
  return [
    ...listingFinding(listing, ledger?.lastCount ?? 0),
    ...uniqueIdFindings(listing),
    ...(ledger === null ? [] : renumbered(ledger)),
    ...(ledger?.uniqueIdsTrusted === false
      ? [
          look(
            "unique-ids-trusted",
            "the server once gave one unique-id to unlike messages: its unique-ids are not relied on",
            "headers and contents tell messages apart, which takes longer; nothing need be done",
          ),
        ]
      : []),
  ];
}

function listingFinding(listing: ListingFacts, lastCount: number): Finding[] {
  const faults = [...listingFaults(listing, lastCount)];
  if (faults.length > 0) return faults;
  const { octets, listed, ms } = listing;
  const byStat = octets === null ? "STAT does not say their octets" : `${octets} octets by STAT`;
  return [ok("listing", `${messages(listed)}, ${byStat}; listed in ${Math.round(ms)} ms`)];
}

function* listingFaults(
  { count, listed, malformedLines }: ListingFacts,
  lastCount: number,
): Generator<Finding> {
  if (malformedLines > 0) {
    yield look(
      "listing",
      `${messages(malformedLines)} of the listing cannot be read`.replace("message", "line"),
      "what they list is not fetched: tell who runs the server",
    );
  }
  if (count !== null && count !== listed) {
    yield look(
      "listing",
      `STAT counts ${messages(count)}, LIST lists ${listed}`,
      "what LIST leaves out is not fetched",
    );
  }
  if (lastCount > 0 && listed * 2 < lastCount) {
    yield look(
      "listing",
      `only ${messages(listed)} are listed; the last time it was ${lastCount}`,
      "servers in trouble say no mail, not error: nothing is forgotten, and what comes back is not fetched again",
    );
  }
}

function uniqueIdFindings({ uniqueIds, listed }: ListingFacts): Finding[] {
  if (uniqueIds === null && listed === 0)
    return [ok("unique-ids", "UIDL is refused, as some servers do while there is no message")];
  if (uniqueIds === null) {
    return [
      look(
        "unique-ids",
        "the server has no UIDL",
        `headers and contents tell messages apart: every fetch asks for ${listed} headers, or all mail if there is no TOP`,
      ),
    ];
  }
  const faults = [...uniqueIdFaults(uniqueIds)];
  if (faults.length > 0) return faults;
  if (uniqueIds.lines === 0)
    return [ok("unique-ids", "UIDL works; there is no message to judge unique-ids by")];
  const { shortest, longest } = uniqueIds;
  const length = shortest === longest ? `${shortest}` : `${shortest} to ${longest}`;
  return [ok("unique-ids", `each message has a unique-id of its own, ${length} octets long`)];
}

function* uniqueIdFaults({ missing, shared, long, odd, longest }: UniqueIdFacts): Generator<Finding> {
  if (missing > 0) {
    yield look(
      "unique-ids",
      `${messages(missing)} listed without a unique-id`,
      "headers and contents tell them apart, which takes longer; nothing need be done",
    );
  }
  if (shared > 0) {
    yield look(
      "unique-ids",
      `${messages(shared)} share their unique-id with another`,
      "headers and contents tell them apart, which takes longer; programs that trust unique-ids lose such mail",
    );
  }
  if (long > 0) {
    yield look(
      "unique-ids",
      `${messages(long)} with a unique-id of more than 70 octets (the longest has ${longest}), against RFC 1939`,
      "Mailonce takes them as they are; some programs cut them",
    );
  }
  if (odd > 0) {
    yield look(
      "unique-ids",
      `${messages(odd)} with blanks or octets in their unique-id that RFC 1939 forbids`,
      "Mailonce takes them as they are; some programs cut them",
    );
  }
}

function renumbered({ sample, lastCount }: LedgerFacts): Finding[] {
  if (sample === null || lastCount === 0) return [];
  const { asked, known } = sample;
  if (known === 0) {
    return [
      look(
        "renumbered",
        `none of the unique-ids that were looked up (${asked}) is in the ledger: the server has renumbered its mail, or this is another maildrop`,
        "a fetch finds renumbered mail by its headers, and stores none of it again; for another maildrop use another name",
      ),
    ];
  }
  return [
    ok(
      "renumbered",
      `the unique-ids are those of the last time (${known} of ${asked} looked up are in the ledger)`,
    ),
  ];
}

function messages(count: number): string {
  return `${count} message${count === 1 ? "" : "s"}`;
}
