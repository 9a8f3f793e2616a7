import type { Command } from "../protocol/command.ts";
import { Queue } from "../protocol/queue.ts";
import type { Session } from "../session/pop3-session.ts";
import type { WindowOptions } from "./requests.ts";

/** Turns a request into its command and the octets that its reply is expected to have. */
export interface RequestPlan<Request> {
  command(request: Request): Command;
  octets(request: Request): number;
}

/** Gives requests one after another: with a promise only where the next one is not at hand. */
export interface RequestIterator<Request> {
  next(): IteratorResult<Request> | Promise<IteratorResult<Request>>;
  return?(): unknown;
}

/** Bounds of what is in flight; without `pipelining` that is one command. */
export type PipelineOptions = WindowOptions & { readonly pipelining: boolean };

/** A command in flight: what it was made for, and how many octets of the window it takes. */
export interface InFlight<Request> {
  readonly request: Request;
  readonly octets: number;
}

/**
 * Commands that are made at most before the event loop gets its turn: of thousands, the server shall have the first
 * before the last one is made.
 */
const batchCommands = 256;

const defaultOctets = 32 * 1024 * 1024;
const defaultCommands = 4096;

/**
 * The commands in flight. Sends the next ones as long as there is room for them, whether or not somebody reads the
 * replies at that moment.
 */
export class Window<Request> {
  readonly #session: Session;
  readonly #plan: RequestPlan<Request>;
  readonly #requests: RequestIterator<Request>;
  readonly #maxOctets: number;
  readonly #maxCommands: number;
  /** Commands whose reply has not begun, the oldest first. */
  readonly #sent = new Queue<InFlight<Request>>();
  /** The request that was taken last and not sent yet, for want of room. */
  #held: InFlight<Request> | null = null;
  #octets = 0;
  #commands = 0;
  /** True until the event loop has had its turn, and the next batch is made. */
  #pausing: boolean = false;
  /** True while a slow iterator is waited for to give the next request. */
  #pulling: boolean = false;
  #exhausted: boolean = false;
  #failure: { readonly error: unknown } | null = null;
  #wake: (() => void) | null = null;

  private constructor(
    session: Session,
    requests: RequestIterator<Request>,
    plan: RequestPlan<Request>,
    options: PipelineOptions,
  ) {
    this.#session = session;
    this.#plan = plan;
    this.#requests = requests;
    this.#maxOctets = options.windowOctets ?? defaultOctets;
    this.#maxCommands = options.pipelining ? (options.windowCommands ?? defaultCommands) : 1;
    session.onFailure = () => this.#wake?.();
    this.#fill();
  }

  /** Begins an exchange, which is a streamed reply until `leave`. Throws SessionBusyError. */
  static open<Request>(
    session: Session,
    requests: () => RequestIterator<Request>,
    plan: RequestPlan<Request>,
    options: PipelineOptions,
  ): Promise<Window<Request>> {
    return session.exclusive(async () => {
      const window = new Window(session, requests(), plan, options);
      session.beginStream();
      return window;
    });
  }

  /** Whether replies flow: several commands may be in flight. */
  get isPipelined(): boolean {
    return this.#maxCommands > 1;
  }

  /** The oldest command whose reply has not yet begun, if any is in flight. */
  shift(): InFlight<Request> | undefined {
    return this.#sent.shift();
  }

  /**
   * The command whose reply comes next, or null after the last. Throws what the requests' iterator threw,
   * after the replies.
   */
  async next(): Promise<InFlight<Request> | null> {
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

  /** To be called when a reply was read to its end. The window is refilled in batches, not by one small write per reply. */
  release({ octets }: InFlight<Request>): void {
    this.#octets -= octets;
    this.#commands--;
    const low = 31 / 32;
    if (this.#commands <= this.#maxCommands * low && this.#octets <= this.#maxOctets * low) this.#fill();
  }

  /** Sends one more request behind all that is in flight, whether or not there is room for it. */
  add(request: Request): void {
    this.#send({ request, octets: this.#plan.octets(request) });
  }

  /**
   * Ends the exchange. Closes the session without QUIT where replies are outstanding; `unreleased` is how many were read to
   * their ends and not released.
   */
  async leave(unreleased: number): Promise<void> {
    this.#stop();
    if (this.#commands > unreleased) await this.#session.close();
    this.#session.endStream();
  }

  /** Sends no more commands, and tells the requests' iterator that it is left. */
  #stop(): void {
    this.#session.onFailure = null;
    const unfinished = !this.#exhausted;
    this.#exhausted = true;
    // Not awaited: an iterator that is still busy with its next request would hold us up.
    if (unfinished) void (async () => this.#requests.return?.())().catch(() => undefined);
  }

  /** Sends as many commands as there is room for. Requests that come without waiting cost no promise each. */
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

  #send(sent: InFlight<Request>): void {
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

/** An iterator whose promises, if it gives any, are instances of this realm's Promise: the window asks for that. */
export function iteratorOf<T>(items: Iterable<T> | AsyncIterable<T>): RequestIterator<T> {
  if (!(Symbol.asyncIterator in items)) return items[Symbol.iterator]();
  const iterator = items[Symbol.asyncIterator]();
  return {
    next: async () => iterator.next(),
    return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
  };
}
