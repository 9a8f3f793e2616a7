import { CommandRefusedError } from "../errors/refusal.ts";
import { OutOfStepError } from "../errors/reply.ts";
import { SessionClosedError } from "../errors/usage.ts";
import { messageCommand } from "../protocol/command.ts";
import { parseScanListing } from "../protocol/listing.ts";
import type { Session } from "../session/pop3-session.ts";
import { end, SerialIterator, type Step } from "../session/serial-iterator.ts";
import { type BlockCommand, BlockCommands, isStreamed } from "./block-commands.ts";
import { MessageContent } from "./content.ts";
import { joined } from "./joined.ts";
import { type RetrPart, refused, type WholeReply } from "./plans.ts";
import { type BlockOptions, boundsOf, checkBlocks, type RetrRequest, usualOctets } from "./requests.ts";
import { type InFlight, type PipelineOptions, type RequestPlan, Window } from "./window.ts";

const nothing = new Uint8Array();

const plan: RequestPlan<BlockCommand> = {
  command: (asked) =>
    asked.kind === "retr"
      ? messageCommand("RETR", asked.request.messageNumber)
      : messageCommand("LIST", asked.messageNumber),
  octets: (asked) =>
    asked.kind === "retr" ? (asked.request.listedOctets ?? usualOctets.message) : usualOctets.line,
};

/** How far reading has come: to a part, to the next reply, to where octets are due, or to where nothing is in flight. */
type Progress = RetrPart | "reply" | "due" | "idle";

/**
 * The replies to many RETRs, in blocks that are known to be in step; see `retrBlocks`. What has arrived is read in one go,
 * so that a message costs no promise.
 */
export class Blocks extends SerialIterator<RetrPart> {
  readonly #session: Session;
  readonly #requests: Iterable<RetrRequest> | AsyncIterable<RetrRequest>;
  readonly #options: PipelineOptions & BlockOptions;
  readonly #bounds: Required<BlockOptions>;
  #window: Window<BlockCommand> | null = null;
  /** The oldest command whose reply was not read to its end. */
  #oldest: InFlight<BlockCommand> | null = null;
  /** True once the status line of its message was read; then what was read of the message, unless it came in one piece. */
  #inMessage: boolean = false;
  #pieces: Uint8Array[] = [];
  #octets = 0;
  /** The content of its message, if that is streamed. */
  #stream: MessageContent | null = null;
  /** What was read since the last block: whole replies, the octets of their messages, and the last message, streamed or not. */
  #held: WholeReply[] = [];
  #heldOctets = 0;
  #lastMessage: number | null = null;
  #replied: boolean = false;
  #isOver: boolean = false;

  constructor(
    session: Session,
    requests: Iterable<RetrRequest> | AsyncIterable<RetrRequest>,
    options: PipelineOptions & BlockOptions,
  ) {
    super();
    this.#session = session;
    this.#requests = requests;
    this.#options = options;
    this.#bounds = boundsOf(options);
  }

  protected step(): Step<RetrPart> | Promise<Step<RetrPart>> {
    if (this.#isOver) return end;
    if (this.#window === null || this.#stream?.ended === false) return this.#slowStep();
    const part = this.#read(this.#window);
    return typeof part === "object" ? { done: false, value: part } : this.#slowStep();
  }

  protected async leave(): Promise<void> {
    await this.#window?.leave(this.#stream?.ended === true ? 1 : 0);
  }

  async #slowStep(): Promise<Step<RetrPart>> {
    this.#window ??= await this.#begin();
    const window = this.#window;
    if (this.#stream?.ended === false) await this.#stream.drain();
    for (;;) {
      const part = this.#read(window);
      const given = part === "due" ? await this.#readOn(window) : part;
      if (given !== "idle") return { done: false, value: given };
      this.#oldest = await window.next();
      if (this.#oldest === null) return end;
    }
  }

  async #begin(): Promise<Window<BlockCommand>> {
    checkBlocks(this.#requests, this.#options);
    const { pipelining } = this.#options;
    const commands = (): BlockCommands => new BlockCommands(this.#requests, this.#bounds, pipelining);
    const window = await Window.open(this.#session, commands, plan, this.#options);
    await this.#session.replies.backgroundEnded();
    return window;
  }

  #readOn(window: Window<BlockCommand>): Promise<RetrPart | "idle"> {
    const read = (): RetrPart | "idle" | undefined => {
      const part = this.#read(window);
      return part === "due" ? undefined : part;
    };
    return this.#session.replies.readOn(read, this.#replied && window.isPipelined);
  }

  /** Reads what has arrived, up to the next part. */
  #read(window: Window<BlockCommand>): Exclude<Progress, "reply"> {
    let progress: Progress = "reply";
    while (progress === "reply") {
      this.#oldest ??= window.shift() ?? null;
      if (this.#oldest === null) return "idle";
      const asked = this.#oldest.request;
      if (asked.kind === "marker") progress = this.#readMarker(window, this.#oldest, asked.messageNumber);
      else if (this.#stream !== null) progress = this.#endStream(window, this.#oldest, asked.request);
      else progress = this.#readMessage(window, this.#oldest, asked.request);
    }
    return progress;
  }

  #readMessage(window: Window<BlockCommand>, sent: InFlight<BlockCommand>, request: RetrRequest): Progress {
    const { replies } = this.#session;
    if (!this.#inMessage) {
      const status = replies.takeStatus();
      if (status === null) return "due";
      this.#replied = true;
      const { messageNumber, mostOctets } = request;
      if (!status.ok) {
        this.#release(window, sent);
        return this.#hold(refused(messageNumber, new CommandRefusedError("RETR", status)));
      }
      this.#inMessage = true;
      this.#lastMessage = messageNumber;
      if (mostOctets !== undefined) replies.boundBody("mostOctets", mostOctets);
      if (isStreamed(request, this.#bounds)) return this.#beginStream(request, null);
    }
    for (;;) {
      const octets = replies.takeData();
      if (octets === undefined) return "due";
      const isEnd = octets === null || !replies.inBody;
      if (isEnd && this.#pieces.length === 0)
        return this.#endMessage(window, sent, request, octets ?? nothing);
      if (octets !== null) this.#pieces.push(octets);
      this.#octets += octets?.length ?? 0;
      if (isEnd) return this.#endMessage(window, sent, request, this.#takePieces());
      if (this.#isTooMuch()) return this.#beginStream(request, this.#takePieces());
    }
  }

  #endMessage(
    window: Window<BlockCommand>,
    sent: InFlight<BlockCommand>,
    request: RetrRequest,
    octets: Uint8Array,
  ): Progress {
    this.#release(window, sent);
    const { messageNumber, listedOctets = null } = request;
    if (this.#isSuspect(request, octets.length)) return this.#suspect(request, octets.length);
    this.#heldOctets += octets.length;
    return this.#hold({ kind: "message", messageNumber, listedOctets, octets });
  }

  /** Whether the message that is read now has more octets than are held of one message, or with those before it of a block. */
  #isTooMuch(): boolean {
    const { blockOctets, wholeOctets } = this.#bounds;
    return this.#octets > wholeOctets || this.#heldOctets + this.#octets > blockOctets + wholeOctets;
  }

  #takePieces(): Uint8Array {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#octets = 0;
    return joined(pieces);
  }

  #beginStream(request: RetrRequest, beginning: Uint8Array | null): RetrPart {
    const { messageNumber, listedOctets = null } = request;
    const content = new MessageContent(this.#session, listedOctets, null, beginning);
    this.#stream = content;
    return { kind: "stream", messageNumber, listedOctets, content };
  }

  /** The stream was read to its end. */
  #endStream(window: Window<BlockCommand>, sent: InFlight<BlockCommand>, request: RetrRequest): Progress {
    const octets = this.#stream?.octets ?? 0;
    this.#stream = null;
    this.#release(window, sent);
    if (!this.#options.pipelining) return this.#block();
    return this.#isSuspect(request, octets) ? this.#suspect(request, octets) : "reply";
  }

  #isSuspect({ listedOctets = 0 }: RetrRequest, octets: number): boolean {
    return this.#options.pipelining && octets < listedOctets;
  }

  #release(window: Window<BlockCommand>, sent: InFlight<BlockCommand>): void {
    this.#oldest = null;
    this.#inMessage = false;
    window.release(sent);
  }

  /** Keeps the reply until a marker confirms it. A reply to the only command in flight needs no marker. */
  #hold(reply: WholeReply): Progress {
    this.#held.push(reply);
    return this.#options.pipelining ? "reply" : this.#block();
  }

  #block(): RetrPart {
    const replies = this.#held;
    this.#held = [];
    this.#heldOctets = 0;
    this.#lastMessage = null;
    return { kind: "block", replies };
  }

  #readMarker(window: Window<BlockCommand>, sent: InFlight<BlockCommand>, messageNumber: number): Progress {
    const status = this.#session.replies.takeStatus();
    if (status === null) return "due";
    this.#release(window, sent);
    const listed = status.ok ? parseScanListing(status.statusText) : null;
    if (listed?.messageNumber === messageNumber) return this.#block();
    const last = this.#held.at(-1);
    if (status.ok || last?.kind !== "refused" || last.messageNumber !== messageNumber)
      throw this.#outOfStep(messageNumber);
    // The message is gone, so the server cannot list it. Another one that has come must tell, unless there is none to believe.
    if (this.#lastMessage === null) return this.#block();
    window.add({ kind: "marker", messageNumber: this.#lastMessage });
    return "reply";
  }

  #outOfStep(messageNumber: number): OutOfStepError {
    const error = new OutOfStepError(messageNumber);
    this.#session.end(error);
    return error;
  }

  #suspect({ messageNumber, listedOctets = 0 }: RetrRequest, octets: number): RetrPart {
    this.#isOver = true;
    this.#session.end(new SessionClosedError());
    return { kind: "suspect", messageNumber, listedOctets, octets };
  }
}
