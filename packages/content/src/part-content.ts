import { Faults } from "./faults.ts";
import type { Leaf } from "./leaf.ts";
import { filesOf } from "./leaf-text.ts";
import { type ContentLimits, DEFAULT_LIMITS } from "./limits.ts";
import { MessageReader, type PartTaker } from "./message-reader.ts";
import type { Sink } from "./mime/body.ts";
import { type Entity, numberOf } from "./mime/entity.ts";

/** Thrown by `partContent` and `partContents` where the message has no such part. */
export class PartNotFoundError extends Error {
  /** Never changes its meaning. */
  readonly code = "part-not-found";

  constructor(number: string, fileIndex: number) {
    super(`the message has no part ${number}${fileIndex === 0 ? "" : ` with a file ${fileIndex} in it`}`);
    this.name = new.target.name;
  }
}

/** By what a part is named: its `number` and `fileIndex`, as `readContent` gives them. */
export interface PartName {
  readonly number: string;
  readonly fileIndex: number;
}

/** The next decoded octets of a part. */
export interface PartPiece {
  /** The part's place among those that are wanted, from 0. */
  readonly index: number;
  readonly octets: Uint8Array;
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
  for await (const { octets } of partContents(message, [{ number, fileIndex }], limits)) yield octets;
}

/**
 * The decoded octets of several parts, piece by piece, as `partContent` gives those of one: the message is read once. One part
 * comes after the other, save for those within an attached message, which come together with it.
 */
export async function* partContents(
  message: Uint8Array | AsyncIterable<Uint8Array>,
  parts: readonly PartName[],
  limits: Partial<ContentLimits> = {},
): AsyncGenerator<PartPiece, void> {
  const wanted = new WantedParts(parts);
  const reader = new MessageReader({ ...DEFAULT_LIMITS, ...limits }, new Faults(), wanted);
  for await (const octets of message instanceof Uint8Array ? piecesOf(message) : message) {
    reader.add(octets);
    yield* wanted.arrived();
    if (wanted.haveEnded) return;
  }
  reader.end();
  yield* wanted.arrived();
  const [missing] = wanted.notFound;
  if (missing !== undefined) throw new PartNotFoundError(missing.number, missing.fileIndex);
}

function* piecesOf(message: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < message.length; at += PIECE) yield message.subarray(at, at + PIECE);
}

class WantedParts implements PartTaker {
  readonly #parts: readonly PartName[];
  readonly #found = new Set<number>();
  readonly #ended = new Set<number>();
  #pieces: PartPiece[] = [];

  constructor(parts: readonly PartName[]) {
    this.#parts = parts;
  }

  /** Those that the message does not have, once it has ended. */
  get notFound(): readonly PartName[] {
    return this.#parts.filter((_, index) => !this.#found.has(index));
  }

  /** Whether nothing more is wanted of the message. */
  get haveEnded(): boolean {
    return this.#ended.size === this.#parts.length;
  }

  /** The octets that have come since the last call. */
  arrived(): readonly PartPiece[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  sinkOf(entity: Entity): Sink | null {
    const number = numberOf(entity);
    const index = this.#parts.findIndex((part) => part.fileIndex === 0 && part.number === number);
    if (index === -1) return null;
    this.#found.add(index);
    return (octets) => this.#take(index, octets);
  }

  ended(leaf: Leaf): void {
    const number = numberOf(leaf.entity);
    for (const [index, part] of this.#parts.entries()) {
      if (part.number !== number || this.#ended.has(index)) continue;
      const file = part.fileIndex === 0 ? undefined : filesOf(leaf)[part.fileIndex - 1];
      if (file !== undefined) {
        this.#found.add(index);
        this.#take(index, file.octets);
      }
      if (this.#found.has(index)) this.#ended.add(index);
    }
  }

  #take(index: number, octets: Uint8Array): void {
    if (octets.length > 0) this.#pieces.push({ index, octets });
  }
}
