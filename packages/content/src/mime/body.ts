import type { Base64Purpose } from "../encoding/base64.ts";
import { LONGEST_LINE } from "../encoding/line-blocks.ts";
import { type StreamDecoder, streamDecoder } from "../encoding/stream-decoder.ts";
import type { TransferEncoding } from "../encoding/transfer-encoding.ts";
import type { Faults } from "../faults.ts";
import { type Measure, Measuring, measureOf } from "../octets/measure.ts";
import { Pieces } from "../octets/pieces.ts";

/** What is kept of a body in memory. */
export interface BodyBounds {
  /** A body of no more octets, as they stand, is kept whole, and decoded when it has ended; a larger one as it comes. */
  readonly whole: number;
  /** How many decoded octets are kept of the beginning of a larger one. */
  readonly beginning: number;
  readonly purpose: Base64Purpose;
}

/** Takes decoded octets of a body, piece by piece. */
export type Sink = (octets: Uint8Array) => void;

/** What a body is told of its entity. */
export interface BodyContext {
  readonly encoding: TransferEncoding;
  /** Asked when the body begins. */
  readonly bounds: () => BodyBounds;
  readonly faults: Faults;
  /** Who wants the decoded octets; asked once it is known that they are the entity's. Null if nobody does. */
  readonly sink: () => Sink | null;
}

const NOTHING = Buffer.alloc(0);

/** The body of an entity: kept whole while it is small, decoded and measured as it comes when it is large. */
export class Body {
  readonly #context: BodyContext;
  #bounds: BodyBounds | null = null;
  readonly #pieces = new Pieces();
  #decoder: StreamDecoder | null = null;
  /** Null until it is known that the octets are measured as they come. */
  #measuring: Measuring | null = null;
  #sink: Sink | null = null;
  #isLeftOut = false;
  #measure: Measure | null = null;

  constructor(context: BodyContext) {
    this.#context = context;
  }

  /** True if it was too large to be kept whole. */
  get isLarge(): boolean {
    return this.#decoder !== null;
  }

  add(octets: Buffer): void {
    if (this.#isLeftOut || octets.length === 0) return;
    if (this.#decoder !== null) this.#decode(octets);
    else if (this.#measuring !== null) this.#take(octets);
    else this.#keepOrDecode(octets);
  }

  #keepOrDecode(octets: Buffer): void {
    this.#bounds ??= this.#context.bounds();
    const { whole } = this.#bounds;
    const room = whole - this.#pieces.length;
    this.#keep(octets, room);
    if (octets.length <= room) return;
    this.#becomeLarge(this.#bounds);
    this.#decode(octets.subarray(room));
  }

  /** From now on the octets are only measured, as they stand: they are a message, whose parts are taken on their own. */
  measureOnly(): void {
    this.#startMeasuring();
  }

  /** The octets are no content: they stand before the parts of a multipart. */
  leaveOut(): void {
    this.#isLeftOut = true;
    this.#pieces.clear();
  }

  end(): void {
    if (this.#decoder !== null) this.#take(this.#decoder.end());
    this.#measure = this.#measuring?.end() ?? null;
  }

  /** The octets as they stand; of a large body nothing. */
  whole(): Buffer {
    return this.isLarge ? NOTHING : this.#pieces.joined();
  }

  /** The decoded octets with which a large body begins. */
  beginning(): Buffer {
    return this.isLarge ? this.#pieces.joined() : NOTHING;
  }

  /** Says what the octets of a body are that was kept whole, when they are decoded, and forgets the others. */
  settle(decoded: Buffer): void {
    this.#pieces.clear();
    this.#measure = measureOf(decoded);
    this.#context.sink()?.(decoded);
  }

  /** The decoded octets, once it is known what they are. */
  get measure(): Measure {
    return this.#measure ?? measureOf(NOTHING);
  }

  /** Keeps the octets that still fit. */
  #keep(octets: Buffer, room: number): void {
    if (room > 0 && octets.length > 0) this.#pieces.add(octets.subarray(0, room));
  }

  #becomeLarge(bounds: BodyBounds): void {
    const { encoding, faults } = this.#context;
    const first = this.#pieces.joined();
    this.#pieces.clear();
    this.#decoder = streamDecoder(encoding, first, bounds.purpose, faults);
    this.#startMeasuring();
    this.#decode(first);
  }

  #startMeasuring(): void {
    this.#measuring = new Measuring();
    this.#sink = this.#context.sink();
  }

  #decode(octets: Buffer): void {
    for (let at = 0; at < octets.length; at += LONGEST_LINE)
      this.#take(this.#decoder?.add(octets.subarray(at, at + LONGEST_LINE)) ?? NOTHING);
  }

  #take(decoded: Buffer): void {
    if (decoded.length === 0) return;
    this.#measuring?.add(decoded);
    const room = this.isLarge && this.#bounds !== null ? this.#bounds.beginning - this.#pieces.length : 0;
    if (room > 0) this.#keep(Buffer.from(decoded), room);
    this.#sink?.(decoded);
  }
}
