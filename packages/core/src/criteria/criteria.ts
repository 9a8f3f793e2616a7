/** Which messages are wanted, decided on the header block and the listed octets alone. */
export interface Criteria {
  /** 32 octets that change whenever the meaning changes; kept with each rejected entry. */
  readonly digest: Uint8Array;
  /**
   * True if the message is wanted. `block` is its header block, `octets` what LIST says, null where it said nothing.
   * Must answer alike for the same arguments, and must not throw.
   */
  accepts(message: { readonly block: Uint8Array; readonly octets: number | null }): boolean;
  /**
   * What the listed octets alone decide, whatever the header: no TOP is asked for then. Null if the header has to be
   * seen. Absent: always null.
   */
  byOctets?(octets: number): boolean | null;
}
