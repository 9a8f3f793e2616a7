const slabOctets = 256 * 1024;
const leastRead = 64 * 1024;
/** The first slab is small: most sessions read no more, and a thousand sessions must not take a thousand large slabs. */
const firstSlabOctets = 16 * 1024;
const firstLeastRead = 4 * 1024;
/** Free slabs that are kept: as many as wait to be read where the reader is slow. */
const mostFree = 8;

/**
 * The memory of a slab knows its slab. A WeakMap from one to the other would do, but young collections do not free what is
 * in one: the peak of memory was 25 MB higher.
 */
type SlabMemory = ArrayBufferLike & { slab?: Slab };

/** A piece of memory that many reads fill, one behind the other. */
class Slab {
  readonly #memory: Buffer;
  readonly #free: Slab[];
  #used = 0;
  #givenBack = 0;
  #isEnded: boolean = false;

  /** @param free where it goes when nothing more is read into it and everything in it was given back */
  constructor(octets: number, free: Slab[]) {
    this.#memory = Buffer.allocUnsafeSlow(octets);
    this.#free = free;
    const memory: SlabMemory = this.#memory.buffer;
    memory.slab = this;
  }

  /** What is not used yet. */
  get rest(): Buffer {
    return this.#memory.subarray(this.#used);
  }

  use(octets: number): void {
    this.#used += octets;
  }

  /** Nothing more will be read into it. */
  end(): void {
    this.#isEnded = true;
    this.#freeIfUnused();
  }

  giveBack(octets: number): void {
    this.#givenBack += octets;
    this.#freeIfUnused();
  }

  /** What was never given back, a status line for example, is still in use, and so is its slab as a whole. */
  #freeIfUnused(): void {
    if (!this.#isEnded || this.#givenBack !== this.#used || this.#free.length === mostFree) return;
    this.#used = 0;
    this.#givenBack = 0;
    this.#isEnded = false;
    this.#free.push(this);
  }
}

/**
 * The memory that one connection reads into: large slabs, many reads into one. What is read is handed out in slices. A slab
 * is used again if all slices of it were given back; otherwise it goes with the last slice.
 */
export class Slabs {
  readonly #free: Slab[] = [];
  #slab = new Slab(firstSlabOctets, []);
  #least = firstLeastRead;

  /** Where the next read may put its octets. */
  room(): Buffer {
    const { rest } = this.#slab;
    if (rest.length >= this.#least) return rest;
    this.#least = leastRead;
    this.#slab.end();
    this.#slab = this.#free.pop() ?? new Slab(slabOctets, this.#free);
    return this.#slab.rest;
  }

  /** So many octets were read into the room. */
  use(octets: number): void {
    this.#slab.use(octets);
  }
}

/** Gives a slice back that nobody looks at any more, once only. Any other memory is let go. */
export function giveBack(slice: Uint8Array): void {
  const memory: SlabMemory = slice.buffer;
  memory.slab?.giveBack(slice.length);
}
