import type { Faults } from "./faults.ts";
import { boundsOf, type Leaf, readLeaf } from "./leaf.ts";
import type { ContentLimits } from "./limits.ts";
import type { BodyBounds, Sink } from "./mime/body.ts";
import type { Entity } from "./mime/entity.ts";
import { takeApart } from "./mime/scan.ts";
import { type EntityTaker, type ScanBudget, Scanner } from "./mime/scanner.ts";
import { LineEnds } from "./octets/line-ends.ts";
import { bufferOf } from "./octets/octets.ts";

/** A message that was taken apart. */
export interface ReadMessage {
  readonly root: Entity;
  /** The parts that have no parts. */
  readonly leaves: ReadonlyMap<Entity, Leaf>;
}

/** Who wants the octets of one part. */
export interface PartTaker {
  /** Takes the decoded octets of an entity; null if they are not wanted. */
  sinkOf(entity: Entity): Sink | null;
  /** A part has ended. */
  ended(leaf: Leaf): void;
}

/** Reads a message that arrives in pieces. Keeps no more of it than the limits allow, and never throws because of it. */
export class MessageReader implements EntityTaker {
  readonly #budget: ScanBudget;
  readonly #scanner: Scanner;
  readonly #lineEnds = new LineEnds();
  readonly #leaves = new Map<Entity, Leaf>();
  readonly #taker: PartTaker | null;

  constructor(limits: ContentLimits, faults: Faults, taker: PartTaker | null = null) {
    this.#budget = {
      limits,
      faults,
      fieldsLeft: limits.headerFields,
      partsLeft: limits.parts,
      octetsLeft: limits.octets,
      charset: null,
    };
    this.#taker = taker;
    this.#scanner = new Scanner(this.#budget, this, { parent: null });
  }

  /** The message goes on with these octets. They are not changed, and must not be changed afterwards. */
  add(octets: Uint8Array): void {
    for (const piece of this.#lineEnds.add(bufferOf(octets))) this.#scanner.add(piece);
  }

  /** The message ends. */
  end(): ReadMessage {
    for (const piece of this.#lineEnds.end()) this.#scanner.add(piece);
    const root = this.#scanner.end();
    if (root === null) throw new RangeError("the scanner was told of no message");
    return { root, leaves: this.#leaves };
  }

  boundsOf(entity: Entity): BodyBounds {
    return boundsOf(entity, this.#budget);
  }

  sinkOf(entity: Entity): Sink | null {
    return this.#taker?.sinkOf(entity) ?? null;
  }

  ended(entity: Entity): void {
    takeApart(entity, this.#budget, this);
    if (entity.children.length > 0) return;
    const leaf = readLeaf(entity, this.#budget);
    this.#leaves.set(entity, leaf);
    this.#taker?.ended(leaf);
  }
}
