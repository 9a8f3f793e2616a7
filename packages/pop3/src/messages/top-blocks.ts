import { messageCommand } from "../protocol/command.ts";
import type { Session } from "../session/pop3-session.ts";
import { type Block, type BlockPlan, Blocks, type Progress } from "./blocks.ts";
import { joined } from "./joined.ts";
import { type HeaderTooLong, headerReply, type WholeHeader } from "./plans.ts";
import { type BlockOptions, checkRequest, type RetrRequest, usualOctets } from "./requests.ts";
import type { PipelineOptions } from "./window.ts";

const plan: BlockPlan<number> = {
  verb: "TOP",
  requestOf(messageNumber) {
    const request = { messageNumber };
    checkRequest(request);
    return request;
  },
  octets: () => usualOctets.header,
  command: (messageNumber) => messageCommand("TOP", messageNumber, 0),
};

/** The replies to many TOPs without a line of the body, in blocks; see `topBlocks`. */
export class TopBlocks extends Blocks<number, WholeHeader | HeaderTooLong> {
  /** What was read of the header, as far as it is kept, and its octets. */
  #pieces: Uint8Array[] = [];
  #octets = 0;
  #isBounded: boolean = false;

  constructor(
    session: Session,
    messageNumbers: Iterable<number> | AsyncIterable<number>,
    options: PipelineOptions & BlockOptions,
  ) {
    super(session, messageNumbers, plan, options);
  }

  protected readContent({ messageNumber }: RetrRequest): Progress<Block<WholeHeader | HeaderTooLong>> {
    const { replies, limits } = this.session;
    if (!this.#isBounded) replies.boundBody("topOctets", limits.topOctets);
    this.#isBounded = true;
    for (;;) {
      const octets = replies.takeData();
      if (octets === undefined) return "due";
      if (octets !== null) this.#keep(octets, limits.headerOctets);
      if (octets === null || !replies.inBody)
        return this.hold(this.#take(messageNumber, limits.headerOctets));
    }
  }

  #keep(octets: Uint8Array, most: number): void {
    const room = most - this.#octets;
    if (room > 0) this.#pieces.push(octets.length > room ? octets.subarray(0, room) : octets);
    this.#octets += octets.length;
  }

  #take(messageNumber: number, most: number): WholeHeader | HeaderTooLong {
    const collected = { octets: joined(this.#pieces), isCut: this.#octets > most };
    this.#pieces = [];
    this.#octets = 0;
    this.#isBounded = false;
    return headerReply(messageNumber, collected, most);
  }
}
