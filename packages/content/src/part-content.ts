import { Faults } from "./faults.ts";
import type { Leaf } from "./leaf.ts";
import { filesOf } from "./leaf-text.ts";
import { type ContentLimits, DEFAULT_LIMITS } from "./limits.ts";
import { MessageReader, type PartTaker } from "./message-reader.ts";
import type { Sink } from "./mime/body.ts";
import { type Entity, numberOf } from "./mime/entity.ts";

/** Thrown by `partContent` where the message has no such part. */
export class PartNotFoundError extends Error {
  /** Never changes its meaning. */
  readonly code = "part-not-found";

  constructor(number: string, fileIndex: number) {
    super(`the message has no part ${number}${fileIndex === 0 ? "" : ` with a file ${fileIndex} in it`}`);
    this.name = new.target.name;
  }
}

/** A message that is there as a whole is read in pieces of so many octets. */
const PIECE = 65_536;

/**
 * The decoded octets of one part, piece by piece: exactly those that `readContent` has counted and digested for the part of
 * this `number` and `fileIndex`, if it was given the same limits. Reads no more of the message than it must, and keeps no
 * more in memory than `readContent` does. The octets of a message's pieces must not be changed afterwards, nor those that
 * are given. Throws {@link PartNotFoundError} at the end of a message that has no such part, and what the source throws.
 */
export async function* partContent(
  message: Uint8Array | AsyncIterable<Uint8Array>,
  number: string,
  fileIndex = 0,
  limits: Partial<ContentLimits> = {},
): AsyncGenerator<Uint8Array, void> {
  const wanted = new WantedPart(number, fileIndex);
  const reader = new MessageReader({ ...DEFAULT_LIMITS, ...limits }, new Faults(), wanted);
  for await (const octets of message instanceof Uint8Array ? piecesOf(message) : message) {
    reader.add(octets);
    yield* wanted.arrived();
    if (wanted.hasEnded) return;
  }
  reader.end();
  yield* wanted.arrived();
  if (!wanted.wasFound) throw new PartNotFoundError(number, fileIndex);
}

function* piecesOf(message: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < message.length; at += PIECE) yield message.subarray(at, at + PIECE);
}

class WantedPart implements PartTaker {
  wasFound = false;
  hasEnded = false;
  readonly #number: string;
  readonly #fileIndex: number;
  #octets: Uint8Array[] = [];

  constructor(number: string, fileIndex: number) {
    this.#number = number;
    this.#fileIndex = fileIndex;
  }

  /** The octets that have come since the last call. */
  arrived(): readonly Uint8Array[] {
    const octets = this.#octets;
    this.#octets = [];
    return octets;
  }

  sinkOf(entity: Entity): Sink | null {
    if (this.#fileIndex !== 0 || numberOf(entity) !== this.#number) return null;
    this.wasFound = true;
    return (octets) => {
      if (octets.length > 0) this.#octets.push(octets);
    };
  }

  ended(leaf: Leaf): void {
    if (numberOf(leaf.entity) !== this.#number) return;
    this.hasEnded = this.wasFound;
    const file = this.#fileIndex === 0 ? undefined : filesOf(leaf)[this.#fileIndex - 1];
    if (file === undefined) return;
    this.wasFound = true;
    this.hasEnded = true;
    this.#octets.push(file.octets);
  }
}
