import { messageCommand } from "../protocol/command.ts";
import type { Session } from "../session/pop3-session.ts";
import { isStreamed } from "./block-commands.ts";
import { type Block, type BlockPlan, Blocks, type Progress } from "./blocks.ts";
import { MessageContent } from "./content.ts";
import { joined } from "./joined.ts";
import type { RetrPart, WholeMessage } from "./plans.ts";
import { type BlockOptions, checkRequest, type RetrRequest, usualOctets } from "./requests.ts";
import type { PipelineOptions } from "./window.ts";

const nothing = new Uint8Array();

const plan: BlockPlan<RetrRequest> = {
  verb: "RETR",
  requestOf(request) {
    checkRequest(request);
    return request;
  },
  octets: ({ listedOctets }) => listedOctets ?? usualOctets.message,
  command: (messageNumber) => messageCommand("RETR", messageNumber),
};

/** What is given beside blocks. */
type OtherPart = Exclude<RetrPart, { readonly kind: "block" }>;

/** The replies to many RETRs in blocks; see `retrBlocks`. What is too large for a block is streamed. */
export class RetrBlocks extends Blocks<RetrRequest, WholeMessage, OtherPart> {
  /** What was read of the message, unless it came in one piece. */
  #pieces: Uint8Array[] = [];
  #octets = 0;
  /** Its content, if it is streamed. */
  #stream: MessageContent | null = null;
  #isBounded: boolean = false;
  /** The octets of the messages that were read whole since the last block. */
  #heldOctets = 0;

  constructor(
    session: Session,
    requests: Iterable<RetrRequest> | AsyncIterable<RetrRequest>,
    options: PipelineOptions & BlockOptions,
  ) {
    super(session, requests, plan, options);
  }

  protected override get stream(): MessageContent | null {
    return this.#stream;
  }

  protected override blockGiven(): void {
    this.#heldOctets = 0;
  }

  protected readContent(request: RetrRequest): Progress<Block<WholeMessage> | OtherPart> {
    if (this.#stream !== null) return this.#endStream(request, this.#stream);
    const { replies } = this.session;
    if (!this.#isBounded) {
      this.#isBounded = true;
      if (request.mostOctets !== undefined) replies.boundBody("mostOctets", request.mostOctets);
      if (isStreamed(request, this.bounds)) return this.#beginStream(request, null);
    }
    for (;;) {
      const octets = replies.takeData();
      if (octets === undefined) return "due";
      const isEnd = octets === null || !replies.inBody;
      if (isEnd && this.#pieces.length === 0) return this.#endMessage(request, octets ?? nothing);
      if (octets !== null) this.#pieces.push(octets);
      this.#octets += octets?.length ?? 0;
      if (isEnd) return this.#endMessage(request, this.#takePieces());
      if (this.#isTooMuch()) return this.#beginStream(request, this.#takePieces());
    }
  }

  #endMessage(request: RetrRequest, octets: Uint8Array): Progress<Block<WholeMessage> | OtherPart> {
    this.#isBounded = false;
    const { messageNumber, listedOctets = null } = request;
    if (this.#isSuspect(request, octets.length)) return this.#suspect(request, octets.length);
    this.#heldOctets += octets.length;
    return this.hold({ kind: "message", messageNumber, listedOctets, octets });
  }

  /** Whether the message that is read now has more octets than are held of one message, or with those before it of a block. */
  #isTooMuch(): boolean {
    const { blockOctets, wholeOctets } = this.bounds;
    return this.#octets > wholeOctets || this.#heldOctets + this.#octets > blockOctets + wholeOctets;
  }

  #takePieces(): Uint8Array {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#octets = 0;
    return joined(pieces);
  }

  #beginStream(request: RetrRequest, beginning: Uint8Array | null): OtherPart {
    const { messageNumber, listedOctets = null } = request;
    const content = new MessageContent(this.session, listedOctets, null, beginning);
    this.#stream = content;
    return { kind: "stream", messageNumber, listedOctets, content };
  }

  /** The stream was read to its end. */
  #endStream(request: RetrRequest, { octets }: MessageContent): Progress<Block<WholeMessage> | OtherPart> {
    this.#stream = null;
    this.#isBounded = false;
    return this.#isSuspect(request, octets) ? this.#suspect(request, octets) : this.pass();
  }

  #isSuspect({ listedOctets = 0 }: RetrRequest, octets: number): boolean {
    return this.isPipelined && octets < listedOctets;
  }

  #suspect({ messageNumber, listedOctets = 0 }: RetrRequest, octets: number): OtherPart {
    this.pass();
    this.endHere();
    return { kind: "suspect", messageNumber, listedOctets, octets };
  }
}
