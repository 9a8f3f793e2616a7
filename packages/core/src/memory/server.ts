import { ServerError } from "../errors.ts";
import { headerEnd } from "../message/header-fields.ts";
import type {
  ExchangeOptions,
  HeaderReply,
  ListingPart,
  MaildropSession,
  Refusal,
  RetrPart,
  RetrReply,
  RetrRequest,
} from "../ports/maildrop-session.ts";

/** A message in an {@link InMemoryMaildrop}, with the faults that a test wants of it. */
export interface MemoryMail {
  octets: Uint8Array;
  /** The unique-id, null if the line of UIDL has none. */
  uniqueId: Uint8Array | null;
  /** The octets that LIST gives; the number of `octets` if absent. */
  listedOctets?: number;
  /** True if RETR is refused with `-ERR`. */
  refused?: boolean;
  /** True if the connection breaks in the middle of the reply to RETR. */
  breaks?: boolean;
  /** How many octets RETR leaves out at the end, as if the message had forged the end of its own reply. */
  cutOctets?: number;
  /**
   * The header that comes in place of the next message's where commands are pipelined: this message begins with a line `.`, so
   * that it ends its own reply to TOP, and its rest is a reply. Else the session is out of step.
   */
  forgedHeader?: string;
  /** True if the reply to RETR goes on for as long as it is read. */
  endless?: boolean;
  /** True if replies about it are left out where commands are pipelined: the next message's then comes in its place. */
  leftOut?: boolean;
  /** True if the message is given as a stream, as large ones are. */
  streamed?: boolean;
}

/**
 * A maildrop in memory with the good and bad habits of real servers, for tests. It gives sessions that show what a
 * {@link MaildropSession} must do, and keeps a transcript of each. Habits may be changed at any time.
 */
export class InMemoryMaildrop {
  /** The messages, in listing order. */
  readonly mails: MemoryMail[] = [];
  /** False if the server refuses UIDL. */
  uidl = true;
  /** How the server answers TOP: with the header, with `-ERR`, or with one header for all messages. */
  top: "header" | "refused" | "same for all" = "header";
  pipelining = true;
  /** True if the server no longer lists a retrieved message after QUIT. */
  hidesRetrieved = false;
  /** How many of the oldest messages the server lists; all if null. */
  window: number | null = null;
  /** Called and awaited before each RETR is answered. */
  beforeRetr: ((mail: MemoryMail) => Promise<void>) | null = null;
  /** All sessions that {@link connect} gave, in order. */
  readonly sessions: InMemorySession[] = [];
  #delivered = 0;

  /** Adds a message and gives it. Its unique-id is a new one if absent; null for none. */
  deliver(octets: Uint8Array | string, uniqueId?: Uint8Array | string | null): MemoryMail {
    this.#delivered++;
    const id = uniqueId === undefined ? `uid-${this.#delivered}` : uniqueId;
    const mail = { octets: asOctets(octets), uniqueId: id === null ? null : asOctets(id) };
    this.mails.push(mail);
    return mail;
  }

  /** Gives every message a new unique-id. */
  renumber(): void {
    for (const mail of this.mails) mail.uniqueId = asOctets(`uid-${++this.#delivered}`);
  }

  /** Gives a new session, which lists the maildrop as it is now. */
  connect(): InMemorySession {
    const session = new InMemorySession(this, this.mails.slice(0, this.window ?? undefined));
    this.sessions.push(session);
    return session;
  }

  /** Removes the messages; called at QUIT with those that the session has retrieved. */
  hide(mails: readonly MemoryMail[]): void {
    for (const mail of mails) {
      const at = this.mails.indexOf(mail);
      if (at >= 0) this.mails.splice(at, 1);
    }
  }
}

/** One session on an {@link InMemoryMaildrop}. */
export class InMemorySession implements MaildropSession {
  readonly utf8 = false;
  /** The commands that were sent, in order, for example `RETR 3`. */
  readonly commands: string[] = [];
  readonly #maildrop: InMemoryMaildrop;
  readonly #mails: readonly MemoryMail[];
  readonly #retrieved: MemoryMail[] = [];
  #open = true;

  constructor(maildrop: InMemoryMaildrop, mails: readonly MemoryMail[]) {
    this.#maildrop = maildrop;
    this.#mails = mails;
  }

  get pipelining(): boolean {
    return this.#maildrop.pipelining;
  }

  /** The message numbers that were retrieved, in order. */
  get retrieved(): readonly number[] {
    return this.#retrieved.map((mail) => this.#mails.indexOf(mail) + 1);
  }

  async *listings(): AsyncGenerator<ListingPart> {
    this.#say("STAT", "UIDL", "LIST");
    const octets = this.#mails.map(listedOctets);
    const uidl = this.#mails.map((mail, at) => [
      Buffer.from(`${at + 1} `),
      mail.uniqueId ?? new Uint8Array(0),
      Buffer.from("\r\n"),
    ]);
    yield {
      kind: "stat",
      count: this.#mails.length,
      octets: octets.reduce((sum, one) => sum + one, 0),
    };
    if (this.#maildrop.uidl) yield { kind: "uidl", octets: Buffer.concat(uidl.flat()) };
    else yield { kind: "no-uidl" };
    yield { kind: "list", octets: Buffer.from(octets.map((one, at) => `${at + 1} ${one}\r\n`).join("")) };
  }

  async uidlOne(messageNumber: number): Promise<Uint8Array | null> {
    this.#say(`UIDL ${messageNumber}`);
    return this.#maildrop.uidl ? (this.#mails[messageNumber - 1]?.uniqueId ?? null) : null;
  }

  async *topMany(
    messageNumbers: Iterable<number>,
    { pipelining }: ExchangeOptions,
  ): AsyncGenerator<readonly HeaderReply[]> {
    let forged: string | undefined;
    for (const messageNumber of messageNumbers) {
      this.#say(`TOP ${messageNumber} 0`);
      if (pipelining && this.#mails[messageNumber - 1]?.leftOut === true) throw this.#outOfStep();
      const { forgedHeader } = this.#mails[messageNumber - 1] ?? {};
      const text: string | undefined = forgedHeader === undefined ? forged : "";
      yield [text === undefined ? this.#top(messageNumber) : headerReply(messageNumber, text)];
      forged = forgedHeader;
      if (forged !== undefined && !pipelining) this.close();
    }
  }

  async *retrMany(
    requests: Iterable<RetrRequest>,
    { pipelining }: ExchangeOptions,
  ): AsyncGenerator<RetrPart> {
    if (pipelining && this.#mails.some(({ leftOut }) => leftOut === true)) yield* this.#shifted(requests);
    else for (const { messageNumber } of requests) yield* this.#retr(messageNumber, pipelining);
  }

  async noop(): Promise<void> {
    this.#say("NOOP");
  }

  async quit(): Promise<void> {
    this.#say("QUIT");
    this.#open = false;
    if (this.#maildrop.hidesRetrieved) this.#maildrop.hide(this.#retrieved);
  }

  close(): void {
    this.#open = false;
  }

  #top(messageNumber: number): HeaderReply {
    const mail = this.#mails[messageNumber - 1];
    if (mail === undefined || this.#maildrop.top === "refused")
      return { kind: "refused", messageNumber, refusal: refusal("not here") };
    if (this.#maildrop.top === "same for all")
      return headerReply(messageNumber, "Subject: one for all\r\n\r\n");
    return { kind: "header", messageNumber, header: mail.octets.subarray(0, headerEnd(mail.octets)) };
  }

  async *#retr(messageNumber: number, pipelining: boolean): AsyncGenerator<RetrPart> {
    this.#say(`RETR ${messageNumber}`);
    const mail = this.#mails[messageNumber - 1];
    if (mail === undefined || mail.refused === true) {
      yield block({ kind: "refused", messageNumber, refusal: refusal("no such message") });
      return;
    }
    await this.#maildrop.beforeRetr?.(mail);
    this.#retrieved.push(mail);
    if (mail.streamed === true || mail.endless === true) {
      yield { kind: "stream", messageNumber, content: this.#content(mail) };
      this.#mustBeOpen();
      yield block();
      return;
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#content(mail)) chunks.push(chunk);
    if (pipelining && mail.cutOctets !== undefined) yield { kind: "suspect", messageNumber };
    else yield block({ kind: "message", messageNumber, octets: Buffer.concat(chunks) });
    this.#mustBeOpen();
  }

  /** Answers with some replies left out: all come as streams, so that who believes them before their block is caught. */
  async *#shifted(requests: Iterable<RetrRequest>): AsyncGenerator<RetrPart> {
    const numbers = [...requests].map(({ messageNumber }) => messageNumber);
    for (const messageNumber of numbers) this.#say(`RETR ${messageNumber}`);
    const answered = numbers.flatMap((messageNumber) => {
      const mail = this.#mails[messageNumber - 1];
      return mail === undefined || mail.leftOut === true ? [] : [mail];
    });
    for (const [at, mail] of answered.entries()) {
      const messageNumber = numbers[at] ?? 0;
      yield { kind: "stream", messageNumber, content: this.#content(mail) };
      if (this.#mails[messageNumber - 1] === mail) yield block();
    }
    throw this.#outOfStep();
  }

  #outOfStep(): ServerError {
    this.close();
    return new ServerError("garbled-reply", "a reply is missing");
  }

  async *#content(mail: MemoryMail): AsyncGenerator<Uint8Array> {
    const end = mail.octets.length - (mail.cutOctets ?? 0);
    const middle = end >> 1;
    yield mail.octets.subarray(0, middle);
    while (mail.endless === true) {
      this.#mustBeOpen();
      yield Buffer.alloc(64 * 1024, "x");
    }
    if (mail.breaks === true) this.close();
    this.#mustBeOpen();
    yield mail.octets.subarray(middle, end);
  }

  #say(...commands: string[]): void {
    this.#mustBeOpen();
    this.commands.push(...commands);
  }

  #mustBeOpen(): void {
    if (!this.#open) throw new Error("the connection is closed");
  }
}

function block(...replies: readonly RetrReply[]): RetrPart {
  return { kind: "block", replies };
}

function headerReply(messageNumber: number, header: string): HeaderReply {
  return { kind: "header", messageNumber, header: asOctets(header) };
}

function listedOctets(mail: MemoryMail): number {
  return mail.listedOctets ?? mail.octets.length;
}

function refusal(text: string): Refusal {
  return { responseCode: null, text };
}

function asOctets(text: Uint8Array | string): Uint8Array {
  return typeof text === "string" ? Buffer.from(text, "latin1") : text;
}
