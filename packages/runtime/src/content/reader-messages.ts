import type { ContentFacts } from "./facts.ts";

/** To the process: a piece of the message that is being read. A message of no octets is one empty piece. */
export interface Piece {
  readonly octets: Uint8Array;
  readonly isLast: boolean;
}

/** From the process: it is there; it wants the next piece; what it has made of the message; why it could make nothing. */
export type ReaderAnswer =
  | { readonly kind: "ready" }
  | { readonly kind: "more" }
  | { readonly kind: "facts"; readonly facts: ContentFacts }
  | { readonly kind: "failed"; readonly reason: string };
