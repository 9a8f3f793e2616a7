import { setImmediate as turn } from "node:timers/promises";
import type { BlockOptions, RetrRequest } from "./requests.ts";
import { iteratorOf, type RequestIterator } from "./window.ts";

/** What is in flight in an exchange in blocks: requests, and behind those of a block its marker, which is LIST for one message. */
export type BlockCommand = Asked | { readonly kind: "marker"; readonly messageNumber: number };

/** A request, and how many octets its reply is expected to have. */
interface Asked {
  readonly kind: "asked";
  readonly request: RetrRequest;
  readonly octets: number;
}

/** Checks what the caller's iterator gave and makes a request of it, and tells how many octets to expect. */
export interface BlockRequests<Item> {
  requestOf(item: Item): RetrRequest;
  octets(request: RetrRequest): number;
}

/** What the caller's iterator gave. */
type Pulled = Asked | { readonly kind: "end" } | { readonly kind: "failed"; readonly error: unknown };

/**
 * Makes the commands of an exchange in blocks. A marker is sent behind a full block, before and behind a message
 * that will be streamed, behind the last request, and behind what was sent when the next request is not at hand.
 */
export class BlockCommands<Item> implements RequestIterator<BlockCommand> {
  readonly #items: RequestIterator<Item>;
  readonly #requests: BlockRequests<Item>;
  readonly #bounds: Required<BlockOptions>;
  readonly #isMarked: boolean;
  /** What was sent since the last marker. */
  #messages = 0;
  #octets = 0;
  #lastMessage = 0;
  #isFull: boolean = false;
  /** What was pulled and goes behind the next marker. */
  #next: Pulled | null = null;
  /** The next request where it is not at hand. */
  #late: Promise<Pulled> | null = null;

  /** `isMarked` is false where one command is sent at a time: its reply is known by being the only one that is due. */
  constructor(
    items: Iterable<Item> | AsyncIterable<Item>,
    requests: BlockRequests<Item>,
    bounds: Required<BlockOptions>,
    isMarked: boolean,
  ) {
    this.#items = iteratorOf(items);
    this.#requests = requests;
    this.#bounds = bounds;
    this.#isMarked = isMarked;
  }

  next(): IteratorResult<BlockCommand> | Promise<IteratorResult<BlockCommand>> {
    if (this.#isFull) return this.#marker();
    const pulled = this.#next ?? this.#late ?? this.#pull();
    this.#next = null;
    return pulled instanceof Promise ? this.#await(pulled) : this.#commandFor(pulled);
  }

  return(): unknown {
    return this.#items.return?.();
  }

  #pull(): Pulled | Promise<Pulled> {
    try {
      const result = this.#items.next();
      const pulledFrom = (late: IteratorResult<Item>): Pulled => this.#pulledFrom(late);
      return result instanceof Promise ? result.then(pulledFrom).catch(failed) : this.#pulledFrom(result);
    } catch (error) {
      return failed(error);
    }
  }

  #pulledFrom(result: IteratorResult<Item>): Pulled {
    if (result.done === true) return { kind: "end" };
    const request = this.#requests.requestOf(result.value);
    return { kind: "asked", request, octets: this.#requests.octets(request) };
  }

  async #await(late: Promise<Pulled>): Promise<IteratorResult<BlockCommand>> {
    this.#late = late;
    // What is ready in this turn of the event loop counts as at hand.
    const pulled = await (this.#messages === 0 ? late : Promise.race([late, turn()]));
    if (pulled === undefined) return this.#marker();
    this.#late = null;
    return this.#commandFor(pulled);
  }

  #commandFor(pulled: Pulled): IteratorResult<BlockCommand> {
    const isLarge = pulled.kind === "asked" && isStreamed(pulled.request, this.#bounds);
    if (this.#messages > 0 && (isLarge || pulled.kind !== "asked")) {
      this.#next = pulled;
      return this.#marker();
    }
    if (pulled.kind === "failed") throw pulled.error;
    if (pulled.kind === "end") return { done: true, value: undefined };
    if (this.#isMarked) this.#count(pulled, isLarge);
    return { done: false, value: pulled };
  }

  #count({ request, octets }: Asked, isLarge: boolean): void {
    const { blockMessages, blockOctets } = this.#bounds;
    this.#lastMessage = request.messageNumber;
    this.#messages++;
    this.#octets += octets;
    this.#isFull = isLarge || this.#messages >= blockMessages || this.#octets >= blockOctets;
  }

  #marker(): IteratorResult<BlockCommand> {
    this.#messages = 0;
    this.#octets = 0;
    this.#isFull = false;
    return { done: false, value: { kind: "marker", messageNumber: this.#lastMessage } };
  }
}

/** Whether the message is streamed from its first octet on, because it is listed as large. */
export function isStreamed({ listedOctets = 0 }: RetrRequest, bounds: Required<BlockOptions>): boolean {
  return listedOctets > bounds.wholeOctets;
}

function failed(error: unknown): Pulled {
  return { kind: "failed", error };
}
