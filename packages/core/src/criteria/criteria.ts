/**
 * Decides by the header block and the listed octets alone which messages are wanted. This is what a run asks for; the
 * language that people write begins in `query.ts` (what a query is made of) and `parse.ts`.
 */
export interface Criteria {
  /** 32 octets that change whenever the meaning changes. Each rejected entry keeps them, and other ones decide again. */
  readonly digest: Uint8Array;
  /**
   * True if the message is wanted. `block` is its header block, `octets` its listed octets, null where LIST gave none.
   * Must always give the same answer for the same arguments, and must not throw.
   */
  accepts(message: { readonly block: Uint8Array; readonly octets: number | null }): boolean;
  /**
   * True or false if the listed octets alone decide, whatever the header is: then TOP is not asked. Null if the header is
   * needed. Criteria without this method always need the header.
   */
  byOctets?(octets: number): boolean | null;
  /**
   * Only criteria whose answer changes with the time have this method, and it is asked in the place of `accepts`: true if the
   * message is wanted at the time `now`, false if it is not and never will be, else the moment after `now` from which on it is
   * wanted. `firstSeen` is when the ledger first saw the message. The same holds for it as for `accepts`.
   */
  decide?(
    message: { readonly block: Uint8Array; readonly octets: number | null },
    time: { readonly now: Date; readonly firstSeen: Date },
  ): boolean | Date;
}
