/**
 * How far a listing was settled when it was last seen: a digest of the first octets of UIDL and of LIST.
 * A listing that begins with the same octets has nothing new in them. A mark that says nothing of a listing, because an
 * earlier version digested in another way, costs one look at the whole ledger.
 */
export interface ListingMark {
  /** The criteria under which all of it was settled (32 octets), null for none. */
  readonly criteriaDigest: Uint8Array | null;
  /** Number of messages covered. */
  readonly count: number;
  /** Octets covered of UIDL's lines and of LIST's lines. */
  readonly uidlOctets: number;
  readonly listOctets: number;
  /** Of the covered octets of UIDL, then of those of LIST; 32 octets. */
  readonly digest: Uint8Array;
}

/** What is remembered of a maildrop and its server from run to run. */
export interface MaildropFacts {
  readonly mark: ListingMark | null;
  /** Raised by whatever makes other runs' knowledge stale; see {@link Guard}. */
  readonly generation: number;
  /** False for ever once unlike messages were seen under one unique-id. */
  readonly uniqueIdsTrusted: boolean;
  /** True: `TOP n 0` gives the header that RETR gives. False: it does not. Null: not known yet. */
  readonly topProven: boolean | null;
  /** True: what was retrieved is no longer listed after QUIT (Gmail and the like). */
  readonly retrievalHides: boolean;
  /** True: one command at a time, because replies once did not fit their commands. */
  readonly sequential: boolean;
  /** True if UTF8 was in force in the last session (RFC 6856), null before the first. */
  readonly utf8: boolean | null;
  /** False while a run is under way and after one that did not end by itself. */
  readonly endedCleanly: boolean;
  /** Number of messages in the last listing that was not suspicious. */
  readonly lastCount: number;
  /** Why the account is paused, null if it is not. */
  readonly pauseReason: string | null;
  /** When the last run ended, null before the first. */
  readonly lastRun: Date | null;
}

/** What is remembered of a maildrop that was never fetched: nothing. */
export const NEW_MAILDROP: MaildropFacts = {
  mark: null,
  generation: 0,
  uniqueIdsTrusted: true,
  topProven: null,
  retrievalHides: false,
  sequential: false,
  utf8: null,
  endedCleanly: true,
  lastCount: 0,
  pauseReason: null,
  lastRun: null,
};

/** A maildrop's row. */
export interface Maildrop extends MaildropFacts {
  readonly id: number;
  readonly name: string;
}

/** All maildrops of a store. */
export interface Maildrops {
  /** All maildrops, by name. */
  maildrops(): Promise<readonly Maildrop[]>;
  /**
   * Gives the maildrop another name; all else stays. Only for who holds its lease: {@link GuardFailedError} otherwise,
   * {@link DuplicateKeyError} if there is a maildrop of this name already. Nothing was changed then.
   */
  renameMaildrop(maildropId: number, name: string, leaseToken: string): Promise<void>;
}
