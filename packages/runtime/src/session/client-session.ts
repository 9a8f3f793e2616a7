import {
  type ExchangeOptions,
  type HeaderReply,
  type ListingPart,
  MAX_HEADER_OCTETS,
  type MaildropSession,
  type Refusal,
  type RetrPart,
  type RetrReply,
  type RetrRequest,
  ServerError,
} from "@mailonce/core";
import {
  type RetrPart as ClientPart,
  CommandRefusedError,
  MalformedReplyError,
  OutOfStepError,
  type Pop3Client,
  type TopReply,
  type WholeReply,
} from "@mailonce/pop3";

/** A logged-in POP3 client as a session for the core. */
export class ClientSession implements MaildropSession {
  readonly utf8: boolean;
  readonly #client: Pop3Client;

  constructor(client: Pop3Client) {
    this.#client = client;
    this.utf8 = client.utf8;
  }

  /** What the capabilities say that were read last. */
  get pipelining(): boolean {
    return this.#client.pipelining;
  }

  listings(): AsyncIterable<ListingPart> {
    return this.#client.listings();
  }

  async uidlOne(messageNumber: number): Promise<Uint8Array | null> {
    try {
      return (await this.#client.uidlOne(messageNumber)).uniqueId;
    } catch (error) {
      const refused = error instanceof CommandRefusedError || error instanceof MalformedReplyError;
      if (refused && error.sessionUsable) return null;
      throw error;
    }
  }

  topMany(messageNumbers: Iterable<number>, options: ExchangeOptions): AsyncIterable<readonly HeaderReply[]> {
    return repliesOf(this.#client.topBlocks(messageNumbers, this.#window(options)), ({ replies }) =>
      replies.map(headerReply),
    );
  }

  retrMany(requests: Iterable<RetrRequest>, options: ExchangeOptions): AsyncIterable<RetrPart> {
    return repliesOf(this.#client.retrBlocks(requestsOf(requests), this.#window(options)), partOf);
  }

  noop(): Promise<void> {
    return this.#client.noop();
  }

  async quit(): Promise<void> {
    try {
      await this.#client.quit();
    } catch (error) {
      // The refusal means that marked messages were not deleted (RFC 1939 section 6), and none was marked.
      if (!(error instanceof CommandRefusedError)) throw error;
    }
  }

  close(): void {
    void this.#client.close();
  }

  #window({ pipelining }: ExchangeOptions): ExchangeOptions {
    return { pipelining: pipelining && this.pipelining };
  }
}

/** Maps blocks of replies. It is no async generator, whose promises would cost more than reading thousands of small replies. */
function repliesOf<From, To>(
  replies: AsyncIterableIterator<From>,
  coreReply: (reply: From) => To,
): AsyncIterable<To> {
  const result = (step: IteratorResult<From>): IteratorResult<To> =>
    step.done === true ? step : { done: false, value: coreReply(step.value) };
  const failure = (error: unknown): never => {
    throw coreError(error);
  };
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => replies.next().then(result, failure),
      return: async () => {
        await replies.return?.();
        return { done: true, value: undefined };
      },
    }),
  };
}

/** The error as the core knows it: where replies are out of step it asks one command at a time from then on. */
function coreError(error: unknown): unknown {
  return error instanceof OutOfStepError
    ? new ServerError("garbled-reply", error.message, { cause: error })
    : error;
}

function partOf(part: ClientPart): RetrPart {
  if (part.kind === "block") return blockOf(part.replies);
  return part.kind === "stream" ? { ...part, content: part.content.lent() } : part;
}

function blockOf(replies: readonly WholeReply[]): RetrPart {
  const inWords = (reply: WholeReply): RetrReply =>
    reply.kind === "message" ? reply : refused(reply.messageNumber, reply.error);
  return { kind: "block", replies: replies.map(inWords) };
}

function* requestsOf(
  requests: Iterable<RetrRequest>,
): Generator<{ messageNumber: number; listedOctets?: number }> {
  for (const { messageNumber, listedOctets } of requests) {
    yield listedOctets === null ? { messageNumber } : { messageNumber, listedOctets };
  }
}

/** Of a header that is too long the client gives the beginning, which is all that the core reads of it. */
function headerReply(reply: TopReply): HeaderReply {
  if (reply.kind === "header") return reply;
  const { messageNumber, error } = reply;
  const isEnough = "beginning" in reply && reply.beginning.length >= MAX_HEADER_OCTETS;
  return isEnough
    ? { kind: "header", messageNumber, header: reply.beginning }
    : refused(messageNumber, error);
}

function refused(
  messageNumber: number,
  error: Error,
): { readonly kind: "refused"; readonly messageNumber: number; readonly refusal: Refusal } {
  const refusal =
    error instanceof CommandRefusedError
      ? { responseCode: error.responseCode, text: withoutCode(error.statusText) }
      : { responseCode: null, text: error.message };
  return { kind: "refused", messageNumber, refusal };
}

/** The server's text without the response code at its beginning. */
function withoutCode(statusText: string): string {
  return statusText.replace(/^\[[^\]]*\]\s*/, "");
}
