import type { HeaderFields } from "./header.ts";

/** Which messages are wanted, decided on the header block and the listed octets alone. */
export interface Criteria {
  /** 32 octets that change whenever the meaning changes; kept with each rejected entry. */
  readonly digest: Uint8Array;
  /** True if the message is wanted. Must answer alike for the same arguments, and must not throw. */
  accepts(message: {
    readonly header: HeaderFields;
    readonly block: Uint8Array;
    readonly octets: number | null;
  }): boolean;
}
