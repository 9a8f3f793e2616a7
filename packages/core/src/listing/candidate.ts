import type { HeaderEvidence } from "../message/digest.ts";
import type { HeaderFields } from "../message/header.ts";
import { classKey, type MessageClass, uniqueIdKey } from "../message/identity.ts";
import type { LedgerEntry } from "../ports/ledger-entry.ts";
import type { Listing } from "./listing.ts";

/** A listed message as outcomes name it. */
export interface ListedMessage {
  readonly messageNumber: number;
  /** Its unique-id verbatim, null if the server gave none. */
  readonly uniqueId: Uint8Array | null;
  /** Octets as they arrived where the message was retrieved, else listed octets; null if neither is known. */
  readonly octets: number | null;
}

/** Why an entry is looked at. */
export type CandidateReason = "unknown" | "changed" | "classed" | "twin" | "retry" | "again";

/** A listed message that is not simply known. */
export interface Candidate {
  /** Its index in the listing. */
  readonly index: number;
  readonly messageNumber: number;
  readonly uniqueId: Uint8Array | null;
  readonly listedOctets: number | null;
  readonly why: CandidateReason;
  /** The ledger's key where the unique-id is usable, else null: the entry counts with its class. */
  readonly identity: Uint8Array | null;
  /** What a proven TOP said, null if it was not asked. */
  evidence: HeaderEvidence | null;
  /** The fields of the header that TOP gave, null if it was not asked or the run does not keep them. */
  header: HeaderFields | null;
  /** Where the entry counts with its class, and the class is known. */
  group: ClassGroup | null;
}

/** The listed members of one class, and how many of them are settled so far. */
export interface ClassGroup {
  readonly key: Uint8Array;
  readonly of: MessageClass;
  readonly strong: boolean;
  readonly members: Candidate[];
  /** The class's row when the run began. */
  row: LedgerEntry | null;
  /** 1 if a row of the very unique-id is settled with the same header and octets, else 0. */
  settledByUniqueId: 0 | 1;
  /** True if that row, or the class's, marks mail as known that was never retrieved. */
  marked: boolean;
  settled: number;
  /** How many were retrieved in this run and rejected by the criteria. */
  rejected: number;
  messageId: string | null;
}

/** True if no more of the class are listed than are settled, or the criteria reject it. */
export function isKnownClass({ settled, members }: ClassGroup): boolean {
  return settled >= members.length;
}

/** The listing's entry as a candidate. */
export function candidateOf(listing: Listing, index: number, why: CandidateReason): Candidate {
  return new ListedCandidate(listing, index, why);
}

/** Looks into the listing when it is asked: of a first fetch every listed message is a candidate, a million perhaps. */
class ListedCandidate implements Candidate {
  readonly index: number;
  readonly why: CandidateReason;
  readonly #listing: Listing;
  evidence: HeaderEvidence | null = null;
  header: HeaderFields | null = null;
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

/** The class of a candidate, by the header that TOP or RETR gave, or without one. */
export function classOf(candidate: Candidate, evidence: HeaderEvidence | null): MessageClass {
  const listed = candidate.listedOctets ?? 0;
  return {
    uniqueIdKey: candidate.uniqueId === null ? null : uniqueIdKey(candidate.uniqueId),
    headerDigest: evidence?.headerDigest ?? null,
    coreOctets: evidence === null ? listed : listed - evidence.volatileOctets,
  };
}

/** The ledger's key of a candidate: its unique-id's, else its class's. */
export function keyOf(candidate: Candidate): Uint8Array {
  return candidate.identity ?? candidate.group?.key ?? classKey(classOf(candidate, candidate.evidence));
}

/** A new group with its first member. */
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

/** The candidate as outcomes name it. */
export function listedMessage(
  candidate: Candidate,
  octets: number | null = candidate.listedOctets,
): ListedMessage {
  return { messageNumber: candidate.messageNumber, uniqueId: candidate.uniqueId, octets };
}
