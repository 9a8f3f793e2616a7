import type { PartName, PartPiece } from "@mailonce/content";
import type { ContentFacts } from "./facts.ts";

/** To the process: a piece of a message. A message of no octets is one empty piece. */
export interface Piece {
  readonly kind: "piece";
  readonly octets: Uint8Array;
  readonly isLast: boolean;
}

/** To the process. A message that comes without an announcement is read for its facts. */
export type ReaderRequest =
  | Piece
  /** Of the message that comes next the decoded octets of these parts are wanted. */
  | { readonly kind: "parts"; readonly wanted: readonly PartName[] };

/** From the process; there is one answer to each request. */
export type ReaderAnswer =
  /** It is there. */
  | { readonly kind: "ready" }
  /** It wants the next piece. */
  | { readonly kind: "more" }
  /** What it has made of the message. */
  | { readonly kind: "facts"; readonly facts: ContentFacts }
  /** What has come of the wanted parts with this piece. If it is the last, there is no more of them; else it wants the next piece. */
  | { readonly kind: "octets"; readonly pieces: readonly PartPiece[]; readonly isLast: boolean }
  /** Why it could make nothing of the message. */
  | { readonly kind: "failed"; readonly reason: string };
