import type { Command } from "../protocol/command.ts";
import { Queue } from "../protocol/queue.ts";
import type { Session } from "../session/session.ts";

/** Bounds of what is in flight. */
export interface WindowOptions {
  /** Several commands in flight. Default: whether the server lists PIPELINING. */
  readonly pipelining?: boolean;
  /** Octets in flight, by listed octets. One command is sent in any case. Default 32 MiB. */
  readonly windowOctets?: number;
  /** Commands in flight. Default 4096. */
  readonly windowCommands?: number;
}

/** Turns a request into its command and the octets that its reply is expected to have. */
export interface Plan<Request> {
  command(request: Request): Command;
  octets(request: Request): number;
}

/** A command that was sent, and what of the window it takes. */
export interface Sent<Request> {
  readonly request: Request;
  readonly octets: number;
}

/**
 * So many commands are made in one turn of the event loop: the server shall have the first before the last of
 * thousands is made.
 */
const batchCommands = 256;

/** Sends commands ahead, independent of the reader, as long as the window has room. */
export class Window<Request> {
  readonly #session: Session;
  readonly #plan: Plan<Request>;
  readonly #requests: Iterator<Request> | AsyncIterator<Request>;
  readonly #maxOctets: number;
  readonly #maxCommands: number;
  /** The reply has not yet begun. */
  readonly #sent = new Queue<Sent<Request>>();
  /** Pulled from the requests but not sent, for want of room. */
  #held: Sent<Request> | null = null;
  #octets = 0;
  #commands = 0;
  /** The rest of a batch comes in the next turn. */
  #pausing: boolean = false;
  /** A request is awaited. */
  #pulling: boolean = false;
  #exhausted: boolean = false;
  #failure: { readonly error: unknown } | null = null;
  #wake: (() => void) | null = null;

  constructor(
    session: Session,
    requests: Iterable<Request> | AsyncIterable<Request>,
    plan: Plan<Request>,
    options: { readonly octets: number; readonly commands: number },
  ) {
    this.#session = session;
    this.#plan = plan;
    this.#requests = iteratorOf(requests);
    this.#maxOctets = options.octets;
    this.#maxCommands = options.commands;
    session.onFailure = () => this.#wake?.();
    this.#fill();
  }

  /** Commands whose reply has not been read to its end. */
  get commandsInFlight(): number {
    return this.#commands;
  }

  /** The oldest command whose reply has not yet begun, if any is in flight. */
  shift(): Sent<Request> | undefined {
    return this.#sent.shift();
  }

  /**
   * The command whose reply comes next, or null after the last. Throws what the requests' iterator threw,
   * after the replies.
   */
  async next(): Promise<Sent<Request> | null> {
    for (;;) {
      const sent = this.#sent.shift();
      if (sent !== undefined) return sent;
      if (this.#failure !== null) throw this.#failure.error;
      if (this.#exhausted) return null;
      // Nothing is in flight: a failed session is told here, for the requests may be a long time coming.
      this.#session.check();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** A reply was read to its end. Refills in batches, not one small write per reply. */
  release({ octets }: Sent<Request>): void {
    this.#octets -= octets;
    this.#commands--;
    const low = 31 / 32;
    if (this.#commands <= this.#maxCommands * low && this.#octets <= this.#maxOctets * low) this.#fill();
  }

  /** No more commands. */
  stop(): void {
    this.#session.onFailure = null;
    const unfinished = !this.#exhausted;
    this.#exhausted = true;
    // Not awaited: an iterator that is still busy with its next request would hold us up.
    if (unfinished) void (async () => this.#requests.return?.())().catch(() => undefined);
  }

  /** Sends what has room, without a promise for each of thousands of requests where they are at hand. */
  #fill(): void {
    if (this.#pausing) return;
    const most = this.#commands + batchCommands;
    try {
      while (!this.#pulling && !this.#exhausted && this.#commands < this.#maxCommands) {
        if (this.#commands === most) {
          this.#pause();
          return;
        }
        if (this.#held !== null) {
          if (this.#commands > 0 && this.#octets + this.#held.octets > this.#maxOctets) return;
          this.#send(this.#held);
          this.#held = null;
          continue;
        }
        const pulled = this.#requests.next();
        if (pulled instanceof Promise) this.#pull(pulled);
        else this.#take(pulled);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #pause(): void {
    this.#pausing = true;
    setImmediate(() => {
      this.#pausing = false;
      this.#fill();
    });
  }

  #pull(pulled: Promise<IteratorResult<Request>>): void {
    this.#pulling = true;
    pulled.then(
      (result) => {
        this.#pulling = false;
        if (this.#exhausted) return;
        try {
          this.#take(result);
        } catch (error) {
          this.#fail(error);
        }
        this.#fill();
      },
      (error: unknown) => {
        this.#pulling = false;
        this.#fail(error);
      },
    );
  }

  #take(result: IteratorResult<Request>): void {
    if (result.done === true) {
      this.#exhausted = true;
      this.#wake?.();
    } else {
      this.#held = { request: result.value, octets: this.#plan.octets(result.value) };
    }
  }

  #send(sent: Sent<Request>): void {
    this.#session.send(this.#plan.command(sent.request));
    this.#octets += sent.octets;
    this.#commands++;
    this.#sent.push(sent);
    this.#wake?.();
  }

  #fail(error: unknown): void {
    this.#failure = { error };
    this.#exhausted = true;
    this.#wake?.();
  }
}

/** One whose promises, if it gives any, are this realm's own. */
function iteratorOf<T>(items: Iterable<T> | AsyncIterable<T>): Iterator<T> | AsyncIterator<T> {
  if (!(Symbol.asyncIterator in items)) return items[Symbol.iterator]();
  const iterator = items[Symbol.asyncIterator]();
  return {
    next: async () => iterator.next(),
    return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
  };
}
