/**
 * The listing mark: a digest of the beginning of UIDL and of LIST, as far as all messages were settled in the last run
 * (rule 22). If the next listing begins with the same octets, only what follows them is looked at. A mark that does not
 * match, for example because an earlier version digested in another way, only costs one look at the whole ledger.
 */
export interface ListingMark {
  /** The digest of the criteria under which the messages were settled (32 octets), null if there were none. */
  readonly criteriaDigest: Uint8Array | null;
  /** Number of messages covered. */
  readonly count: number;
  /** How many of the first octets of UIDL's lines and of LIST's lines are covered. */
  readonly uidlOctets: number;
  readonly listOctets: number;
  /** 32 octets: a digest of the covered octets of UIDL, followed by those of LIST. */
  readonly digest: Uint8Array;
}

/** What is remembered of a maildrop and its server from run to run. */
export interface MaildropFacts {
  readonly mark: ListingMark | null;
  /** Raised by each change that makes stale what other runs have read; they then fail their {@link Guard}. */
  readonly generation: number;
  /** False once messages with different headers were seen under one unique-id (rule 10); it stays false for ever. */
  readonly uniqueIdsTrusted: boolean;
  /** True if `TOP n 0` gives the same header as RETR, false if it does not, null if that was not tried yet (rule 11). */
  readonly topProven: boolean | null;
  /** True if the server no longer lists a retrieved message after QUIT (Gmail and the like). */
  readonly retrievalHides: boolean;
  /** True if only one command is sent at a time, because a reply once did not fit its command. */
  readonly sequential: boolean;
  /** True if UTF8 was in force in the last session (RFC 6856), null before the first. */
  readonly utf8: boolean | null;
  /**
   * False after a run that did not end by itself. Without a lease it is false while a run is under way, too; of a run under a
   * lease it is known to have died once the lease has expired, or is taken over, without having been given back.
   */
  readonly endedCleanly: boolean;
  /** Number of messages in the last listing that was not suspicious. */
  readonly lastCount: number;
  /** Why the account is paused; null if it is not. */
  readonly pauseReason: string | null;
  /** When the last run ended, null before the first. */
  readonly lastRun: Date | null;
}

/** The facts about a maildrop that was never fetched. */
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

/** A maildrop's row in the store: its facts, the store's number for it, and its name. */
export interface Maildrop extends MaildropFacts {
  readonly id: number;
  readonly name: string;
}

/** The part of a store that lists its maildrops. */
export interface Maildrops {
  /** All maildrops, sorted by name. */
  maildrops(): Promise<readonly Maildrop[]>;
  /**
   * Gives the maildrop another name and changes nothing else. Throws {@link GuardFailedError} if its lease is not held
   * under `leaseToken`, {@link DuplicateKeyError} if another maildrop has this name; nothing is changed then.
   */
  renameMaildrop(maildropId: number, name: string, leaseToken: string): Promise<void>;
}
