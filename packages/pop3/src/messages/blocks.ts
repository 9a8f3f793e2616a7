import { CommandRefusedError } from "../errors/refusal.ts";
import { OutOfStepError } from "../errors/reply.ts";
import { SessionClosedError } from "../errors/usage.ts";
import { messageCommand } from "../protocol/command.ts";
import { parseScanListing } from "../protocol/listing.ts";
import type { Session } from "../session/pop3-session.ts";
import { end, SerialIterator, type Step } from "../session/serial-iterator.ts";
import { type BlockCommand, BlockCommands, type BlockRequests } from "./block-commands.ts";
import type { MessageContent } from "./content.ts";
import { type Refused, refused } from "./plans.ts";
import { type BlockOptions, boundsOf, checkBlocks, type RetrRequest, usualOctets } from "./requests.ts";
import { type InFlight, type PipelineOptions, type RequestPlan, Window } from "./window.ts";

/** How one verb is asked in blocks. */
export interface BlockPlan<Item> extends BlockRequests<Item>, Pick<RequestPlan<number>, "command"> {
  readonly verb: "RETR" | "TOP";
}

/** Replies that are known to be in step, in the order of their requests. */
export interface Block<Reply> {
  readonly kind: "block";
  readonly replies: readonly (Reply | Refused)[];
}

/** How far reading has come: to a part, to the next reply, to where octets are due, or to where nothing is in flight. */
export type Progress<Part> = Part | "reply" | "due" | "idle";

/**
 * The replies to many commands of one verb, in blocks that are known to be in step; see `retrBlocks`. What has arrived is
 * read in one go, so that a message costs no promise. A subclass reads the content of each reply.
 */
export abstract class Blocks<Item, Reply, Other extends object = never> extends SerialIterator<
  Block<Reply> | Other
> {
  protected readonly session: Session;
  protected readonly bounds: Required<BlockOptions>;
  protected readonly isPipelined: boolean;
  readonly #items: Iterable<Item> | AsyncIterable<Item>;
  readonly #plan: BlockPlan<Item>;
  readonly #options: PipelineOptions & BlockOptions;
  #window: Window<BlockCommand> | null = null;
  /** The oldest command whose reply was not read to its end, and whether its status line was read. */
  #oldest: InFlight<BlockCommand> | null = null;
  #isBegun: boolean = false;
  /** What was read since the last block: whole replies, and the last message of which there is content. */
  #held: (Reply | Refused)[] = [];
  #lastMessage: number | null = null;
  /** The message of the reply that was read last, if that was a refusal. */
  #lastRefused: number | null = null;
  #replied: boolean = false;
  #isOver: boolean = false;

  constructor(
    session: Session,
    items: Iterable<Item> | AsyncIterable<Item>,
    plan: BlockPlan<Item>,
    options: PipelineOptions & BlockOptions,
  ) {
    super();
    this.session = session;
    this.bounds = boundsOf(options);
    this.isPipelined = options.pipelining;
    this.#items = items;
    this.#plan = plan;
    this.#options = options;
  }

  /** Reads on in the content of the reply, which has begun. Ends it by `hold` or `pass`. */
  protected abstract readContent(request: RetrRequest): Progress<Block<Reply> | Other>;

  /** The content of the oldest command's reply, if its reader has it: it is read to its end before anything else. */
  protected get stream(): MessageContent | null {
    return null;
  }

  protected step(): Step<Block<Reply> | Other> | Promise<Step<Block<Reply> | Other>> {
    if (this.#isOver) return end;
    if (this.#window === null || this.stream?.ended === false) return this.#slowStep();
    const part = this.#read(this.#window);
    return typeof part === "object" ? { done: false, value: part } : this.#slowStep();
  }

  protected async leave(): Promise<void> {
    await this.#window?.leave(this.stream?.ended === true ? 1 : 0);
  }

  /** Ends the reply and keeps it until a marker confirms it. A reply to the only command in flight needs no marker. */
  protected hold(reply: Reply | Refused): Progress<Block<Reply>> {
    this.#held.push(reply);
    return this.pass();
  }

  /** Ends a reply of which nothing is kept. */
  protected pass(): Progress<Block<Reply>> {
    this.#release();
    return this.isPipelined ? "reply" : this.#block();
  }

  /** Ends the session: no further part is given after the one that is given now. */
  protected endHere(): void {
    this.#isOver = true;
    this.session.end(new SessionClosedError());
  }

  /** Called when a block is given. */
  protected blockGiven(): void {}

  async #slowStep(): Promise<Step<Block<Reply> | Other>> {
    this.#window ??= await this.#begin();
    const window = this.#window;
    if (this.stream?.ended === false) await this.stream.drain();
    for (;;) {
      const part = this.#read(window);
      const given = part === "due" ? await this.#readOn(window) : part;
      if (given !== "idle") return { done: false, value: given };
      this.#oldest = await window.next();
      if (this.#oldest === null) return end;
    }
  }

  async #begin(): Promise<Window<BlockCommand>> {
    checkBlocks(this.#items, this.#options);
    const plan = this.#plan;
    const commands = (): BlockCommands<Item> =>
      new BlockCommands(this.#items, plan, this.bounds, this.isPipelined);
    const window = await Window.open(
      this.session,
      commands,
      {
        command: (asked) =>
          asked.kind === "asked"
            ? plan.command(asked.request.messageNumber)
            : messageCommand("LIST", asked.messageNumber),
        octets: (asked) => (asked.kind === "asked" ? asked.octets : usualOctets.line),
      },
      this.#options,
    );
    await this.session.replies.backgroundEnded();
    return window;
  }

  #readOn(window: Window<BlockCommand>): Promise<Block<Reply> | Other | "idle"> {
    const read = (): Block<Reply> | Other | "idle" | undefined => {
      const part = this.#read(window);
      return part === "due" ? undefined : part;
    };
    return this.session.replies.readOn(read, this.#replied && window.isPipelined);
  }

  /** Reads what has arrived, up to the next part. */
  #read(window: Window<BlockCommand>): Exclude<Progress<Block<Reply> | Other>, "reply"> {
    let progress: Progress<Block<Reply> | Other> = "reply";
    while (progress === "reply") {
      this.#oldest ??= window.shift() ?? null;
      if (this.#oldest === null) return "idle";
      const asked = this.#oldest.request;
      progress =
        asked.kind === "marker"
          ? this.#readMarker(window, asked.messageNumber)
          : this.#readReply(asked.request);
    }
    return progress;
  }

  #readReply(request: RetrRequest): Progress<Block<Reply> | Other> {
    if (!this.#isBegun) {
      const status = this.session.replies.takeStatus();
      if (status === null) return "due";
      this.#replied = true;
      const { messageNumber } = request;
      this.#lastRefused = status.ok ? null : messageNumber;
      if (!status.ok)
        return this.hold(refused(messageNumber, new CommandRefusedError(this.#plan.verb, status)));
      this.#isBegun = true;
      this.#lastMessage = messageNumber;
    }
    return this.readContent(request);
  }

  #release(): void {
    if (this.#oldest !== null) this.#window?.release(this.#oldest);
    this.#oldest = null;
    this.#isBegun = false;
  }

  #block(): Block<Reply> {
    const replies = this.#held;
    this.#held = [];
    this.#lastMessage = null;
    this.blockGiven();
    return { kind: "block", replies };
  }

  #readMarker(window: Window<BlockCommand>, messageNumber: number): Progress<Block<Reply>> {
    const status = this.session.replies.takeStatus();
    if (status === null) return "due";
    this.#release();
    const listed = status.ok ? parseScanListing(status.statusText) : null;
    if (listed?.messageNumber === messageNumber) return this.#block();
    if (status.ok || this.#lastRefused !== messageNumber) throw this.#outOfStep(messageNumber);
    // The message is gone, so the server cannot list it. Another one that has come must tell, unless there is none to believe.
    if (this.#lastMessage === null) return this.#block();
    window.add({ kind: "marker", messageNumber: this.#lastMessage });
    return "reply";
  }

  #outOfStep(messageNumber: number): OutOfStepError {
    const error = new OutOfStepError(messageNumber);
    this.session.end(error);
    return error;
  }
}
