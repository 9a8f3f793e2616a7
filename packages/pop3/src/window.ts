import type { Command } from "./protocol/command.ts";
import type { Session } from "./session.ts";

/** Bounds of what is in flight. */
export interface WindowOptions {
  /** Several commands in flight. Default: whether the server lists PIPELINING. */
  readonly pipelining?: boolean;
  /** Octets in flight, by listed octets. One command is sent in any case. Default 16 MiB. */
  readonly windowOctets?: number;
  /** Commands in flight. Default 2000. */
  readonly windowCommands?: number;
}

/** Turns a request into its command and the octets that its reply is expected to have. */
export interface Plan<Request> {
  command(request: Request): Command;
  octets(request: Request): number;
}

/** Sends commands ahead, independent of the reader, as long as the window has room. */
export class Window<Request> {
  readonly #session: Session;
  readonly #plan: Plan<Request>;
  readonly #requests: Iterator<Request> | AsyncIterator<Request>;
  readonly #maxOctets: number;
  readonly #maxCommands: number;
  /** Sent, the reply not yet begun; and pulled from the requests but not sent. */
  #sent: Request[] = [];
  #sentHead = 0;
  #held: { readonly request: Request } | null = null;
  #octets = 0;
  #commands = 0;
  #pumping: boolean = false;
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
    this.#requests =
      Symbol.asyncIterator in requests ? requests[Symbol.asyncIterator]() : requests[Symbol.iterator]();
    this.#maxOctets = options.octets;
    this.#maxCommands = options.commands;
    session.onFailure = () => this.#wake?.();
    void this.#pump();
  }

  /** Commands whose reply has not been read to its end. */
  get commandsInFlight(): number {
    return this.#commands;
  }

  /**
   * The request whose reply comes next, or null after the last. Throws what the requests' iterator threw,
   * after the replies.
   */
  next(): Request | null | Promise<Request | null> {
    return this.#shift() ?? this.#later();
  }

  /** A reply was read to its end. Refills in batches, not one small write per reply. */
  release(request: Request): void {
    this.#octets -= this.#plan.octets(request);
    this.#commands--;
    const low = 31 / 32;
    if (this.#commands <= this.#maxCommands * low && this.#octets <= this.#maxOctets * low) void this.#pump();
  }

  /** No more commands. */
  stop(): void {
    this.#session.onFailure = null;
    const unfinished = !this.#exhausted;
    this.#exhausted = true;
    // Not awaited: an iterator that is still busy with its next request would hold us up.
    if (unfinished) void (async () => this.#requests.return?.())().catch(() => undefined);
  }

  /** Array.shift moves thousands of requests each time. */
  #shift(): Request | undefined {
    const request = this.#sent[this.#sentHead];
    if (request === undefined) return undefined;
    if (++this.#sentHead === this.#sent.length || this.#sentHead === 1024) {
      this.#sent = this.#sent.slice(this.#sentHead);
      this.#sentHead = 0;
    }
    return request;
  }

  async #later(): Promise<Request | null> {
    for (;;) {
      const request = this.#shift();
      if (request !== undefined) return request;
      if (this.#failure !== null) throw this.#failure.error;
      if (this.#exhausted) return null;
      // Nothing is in flight: a failed session is told here, for the requests may be a long time coming.
      this.#session.check();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (!this.#exhausted && this.#commands < this.#maxCommands) {
        this.#held ??= await this.#pull();
        if (this.#held === null || this.#exhausted) break;
        const { request } = this.#held;
        const octets = this.#plan.octets(request);
        if (this.#commands > 0 && this.#octets + octets > this.#maxOctets) break;
        this.#held = null;
        this.#session.send(this.#plan.command(request));
        this.#octets += octets;
        this.#commands++;
        this.#sent.push(request);
        this.#wake?.();
      }
    } catch (error) {
      this.#failure = { error };
      this.#exhausted = true;
    }
    this.#pumping = false;
    this.#wake?.();
  }

  async #pull(): Promise<{ readonly request: Request } | null> {
    const result = await this.#requests.next();
    if (result.done !== true) return { request: result.value };
    this.#exhausted = true;
    return null;
  }
}
