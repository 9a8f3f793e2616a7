import type { HeaderEvidence } from "../message/digest.ts";
import type { HeaderFields } from "../message/header.ts";
import { classKey, type MessageClass, uniqueIdKey } from "../message/identity.ts";
import type { LedgerEntry } from "../ports/ledger-entry.ts";
import type { Listing } from "./listing.ts";

/** The part of an outcome that says which listed message it is about. */
export interface ListedMessage {
  /** The message number, valid in this session only. */
  readonly messageNumber: number;
  /** The unique-id verbatim, null if the server gave none. */
  readonly uniqueId: Uint8Array | null;
  /** Octets that arrived if the message was retrieved, else its listed octets; null if neither is known. */
  readonly octets: number | null;
}

/** The state that made an entry a candidate; `again`: it is known, and retrieved once more (rule 19). */
export type CandidateReason = "unknown" | "changed" | "classed" | "twin" | "retry" | "again";

/** A listed message that detection alone does not settle. */
export interface Candidate {
  /** Its index in the listing. */
  readonly index: number;
  readonly messageNumber: number;
  readonly uniqueId: Uint8Array | null;
  readonly listedOctets: number | null;
  readonly why: CandidateReason;
  /** The ledger's key of a usable unique-id. Null if there is none: then the entry counts with its class. */
  readonly identity: Uint8Array | null;
  /** The evidence in the header that a proven TOP gave, null if TOP was not asked. */
  evidence: HeaderEvidence | null;
  /** The fields of the header that TOP gave, null if TOP was not asked or the run does not keep them. */
  header: HeaderFields | null;
  /** If it is `early`, the time from which on the criteria want it; else null. */
  ripe: Date | null;
  /** The group of the entry's class, null if the entry has a usable unique-id or its class was not found out yet. */
  group: ClassGroup | null;
}

/** The listed entries of one class (rule 5), and how many of them are settled so far. */
export interface ClassGroup {
  /** The key of the class in the ledger. */
  readonly key: Uint8Array;
  readonly of: MessageClass;
  readonly strong: boolean;
  readonly members: Candidate[];
  /** The row of the class when the run began. */
  row: LedgerEntry | null;
  /** 1 if the members' unique-id has a row of its own that is settled with the same header and octets, else 0. */
  settledByUniqueId: 0 | 1;
  /** True if that row, or the row of the class, marks mail as known that was never retrieved. */
  marked: boolean;
  /** How many members are settled: known, bound, or settled in this run. */
  settled: number;
  /** How many were retrieved in this run and rejected by the criteria. */
  rejected: number;
  /** The message that the class stood for last in this run, null if for none. */
  messageId: string | null;
}

/** True if at least as many members are settled as are listed (all of them if the criteria reject the class). */
export function isKnownClass({ settled, members }: ClassGroup): boolean {
  return settled >= members.length;
}

export function candidateOf(listing: Listing, index: number, why: CandidateReason): Candidate {
  return new ListedCandidate(listing, index, why);
}

/** Reads its fields from the listing on demand, because in a first fetch a million messages may be candidates. */
class ListedCandidate implements Candidate {
  readonly index: number;
  readonly why: CandidateReason;
  readonly #listing: Listing;
  evidence: HeaderEvidence | null = null;
  header: HeaderFields | null = null;
  ripe: Date | null = null;
  group: ClassGroup | null = null;

  constructor(listing: Listing, index: number, why: CandidateReason) {
    this.#listing = listing;
    this.index = index;
    this.why = why;
  }

  get messageNumber(): number {
    return this.#listing.messageNumber(this.index);
  }

  get uniqueId(): Uint8Array | null {
    return this.#listing.uniqueId(this.index);
  }

  get listedOctets(): number | null {
    return this.#listing.octets(this.index);
  }

  get identity(): Uint8Array | null {
    const { uniqueId } = this;
    return this.why === "classed" || uniqueId === null ? null : uniqueIdKey(uniqueId);
  }
}

/** The class of a candidate by the header that TOP or RETR gave; `evidence` is null if there was none. */
export function classOf(candidate: Candidate, evidence: HeaderEvidence | null): MessageClass {
  const listed = candidate.listedOctets ?? 0;
  return {
    uniqueIdKey: candidate.uniqueId === null ? null : uniqueIdKey(candidate.uniqueId),
    headerDigest: evidence?.headerDigest ?? null,
    coreOctets: evidence === null ? listed : listed - evidence.volatileOctets,
  };
}

/** The ledger's key of a candidate: the key of its usable unique-id, else that of its class. */
export function keyOf(candidate: Candidate): Uint8Array {
  return candidate.identity ?? candidate.group?.key ?? classKey(classOf(candidate, candidate.evidence));
}

/** Makes an empty group for the class of this candidate. */
export function groupOf(candidate: Candidate, evidence: HeaderEvidence | null): ClassGroup {
  const of = classOf(candidate, evidence);
  return {
    key: classKey(of),
    of,
    strong: evidence?.strong ?? false,
    members: [],
    row: null,
    settledByUniqueId: 0,
    marked: false,
    settled: 0,
    rejected: 0,
    messageId: null,
  };
}

/** The candidate as an outcome names it; `octets` are those that arrived, if it was retrieved. */
export function listedMessage(
  candidate: Candidate,
  octets: number | null = candidate.listedOctets,
): ListedMessage {
  return { messageNumber: candidate.messageNumber, uniqueId: candidate.uniqueId, octets };
}
