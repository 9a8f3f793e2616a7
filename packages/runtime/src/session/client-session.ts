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
  type RetrPart as ClientRetrPart,
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

  topMany(messageNumbers: Iterable<number>, options: ExchangeOptions): AsyncIterable<HeaderReply> {
    return repliesOf(this.#client.topMany(messageNumbers, this.#window(options)), (reply) =>
      headerReply(reply),
    );
  }

  retrMany(requests: Iterable<RetrRequest>, options: ExchangeOptions): AsyncIterable<RetrPart> {
    return this.#retr(this.#client.retrBlocks(requestsOf(requests), this.#window(options)));
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

  async *#retr(parts: AsyncIterable<ClientRetrPart>): AsyncGenerator<RetrPart> {
    try {
      for await (const part of parts) yield part.kind === "block" ? blockOf(part.replies) : part;
    } catch (error) {
      // The core asks one command at a time from then on.
      if (error instanceof OutOfStepError)
        throw new ServerError("garbled-reply", error.message, { cause: error });
      throw error;
    }
  }

  #window({ pipelining }: ExchangeOptions): ExchangeOptions {
    return { pipelining: pipelining && this.pipelining };
  }
}

/** Maps replies. It is no async generator, whose promises would cost more than reading thousands of small replies. */
function repliesOf<From, To>(
  replies: AsyncIterableIterator<From>,
  inOtherWords: (reply: From) => To,
): AsyncIterable<To> {
  const result = (step: IteratorResult<From>): IteratorResult<To> =>
    step.done === true ? step : { done: false, value: inOtherWords(step.value) };
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => replies.next().then(result),
      return: async () => {
        await replies.return?.();
        return { done: true, value: undefined };
      },
    }),
  };
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
