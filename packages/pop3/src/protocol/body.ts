import { LimitExceededError } from "../errors/reply.ts";
import { BodyDecoder } from "./body-decoder.ts";
import type { Limits } from "./limits.ts";
import type { BodyFraming } from "./verbs.ts";

/** Which limit bounds each kind of multi-line reply. */
const limitOf = {
  capabilities: "capabilityOctets",
  listing: "listingOctets",
  content: "messageOctets",
} as const satisfies Record<BodyFraming, keyof Limits>;

/** The multi-line reply that is read now or was read last: what kind it is, its octets, and how many there may be. */
export class Body {
  /** What kind of multi-line reply it is. */
  framing: BodyFraming = "content";
  /** Octets of all multi-line replies so far, un-stuffed. */
  octets = 0;
  readonly #limits: Limits;
  readonly #decoder = new BodyDecoder();
  /** Octets of the multi-line replies before this one. */
  #octetsBefore = 0;
  /** The most that `octets` may come to with this reply, and where that is from. */
  #mostOctets = 0;
  #limit = 0;
  #limitName = "";

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** True unless its terminator is still to come. */
  get ended(): boolean {
    return this.#decoder.ended;
  }

  /** The index up to which `read` has taken the chunk. */
  get at(): number {
    return this.#decoder.at;
  }

  /** Octets of this reply so far, un-stuffed. */
  get bodyOctets(): number {
    return this.octets - this.#octetsBefore;
  }

  /** The next octets are the beginning of a multi-line reply. `lenient`: a bare LF ends a line, too. */
  begin(framing: BodyFraming, lenient: boolean): void {
    this.framing = framing;
    this.#decoder.begin(lenient);
    this.#octetsBefore = this.octets;
    this.#limitTo(limitOf[framing], this.#limits[limitOf[framing]]);
  }

  /** It may have no more octets than this. A limit that is higher than the one it has changes nothing. */
  bound(name: string, octets: number): void {
    if (octets < this.#limit) this.#limitTo(name, octets);
  }

  /** What the chunk holds of it from `start` on, un-stuffed: see BodyDecoder. */
  read(chunk: Buffer, start: number): Uint8Array {
    const octets = this.#decoder.read(chunk, start);
    this.octets += octets.length;
    return octets;
  }

  /** The error if it has more octets than it may have, otherwise null. */
  get exceeded(): LimitExceededError | null {
    return this.octets > this.#mostOctets ? new LimitExceededError(this.#limitName, this.#limit) : null;
  }

  #limitTo(name: string, octets: number): void {
    this.#limitName = name;
    this.#limit = octets;
    this.#mostOctets = this.#octetsBefore + octets;
  }
}
