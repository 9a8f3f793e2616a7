import { headerEnd } from "../message/header-fields.ts";
import type {
  ExchangeOptions,
  HeaderReply,
  ListingPart,
  MaildropSession,
  Refusal,
  RetrReply,
  RetrRequest,
} from "../ports/maildrop-session.ts";

/** A message in a maildrop in memory. */
export interface MemoryMail {
  octets: Uint8Array;
  /** Null: UIDL's line has no unique-id. */
  uniqueId: Uint8Array | null;
  /** What LIST says; the message's own octets if absent. */
  listedOctets?: number;
  /** Answer RETR with `-ERR`. */
  refused?: boolean;
  /** End the connection in the middle of its RETR. */
  breaks?: boolean;
  /** Octets that RETR leaves out at the end, as when the message forged the end of its own reply. */
  cutOctets?: number;
  /** RETR goes on for as long as somebody reads it. */
  endless?: boolean;
}

/**
 * A maildrop in memory with the habits of real servers, good and bad: for tests, and as the model of what a session
 * must do. It hands out sessions and keeps a transcript of each.
 */
export class InMemoryMaildrop {
  readonly mails: MemoryMail[] = [];
  uidl = true;
  top: "header" | "refused" | "same for all" = "header";
  pipelining = true;
  /** True: what was retrieved is no longer listed after QUIT. */
  hidesRetrieved = false;
  /** Only so many of the oldest messages are listed; all if null. */
  window: number | null = null;
  /** Awaited before each RETR is answered. */
  beforeRetr: ((mail: MemoryMail) => Promise<void>) | null = null;
  readonly sessions: InMemorySession[] = [];
  #delivered = 0;

  /** Adds a message; its unique-id is a fresh one unless given. */
  deliver(octets: Uint8Array | string, uniqueId?: Uint8Array | string | null): MemoryMail {
    this.#delivered++;
    const id = uniqueId === undefined ? `uid-${this.#delivered}` : uniqueId;
    const mail = { octets: asOctets(octets), uniqueId: id === null ? null : asOctets(id) };
    this.mails.push(mail);
    return mail;
  }

  /** Gives every message a unique-id it never had. */
  renumber(): void {
    for (const mail of this.mails) mail.uniqueId = asOctets(`uid-${++this.#delivered}`);
  }

  /** A new session; it sees the maildrop as it is now. */
  connect(): InMemorySession {
    const session = new InMemorySession(this, this.mails.slice(0, this.window ?? undefined));
    this.sessions.push(session);
    return session;
  }

  /** Removes what a session retrieved before it said QUIT. */
  hide(mails: readonly MemoryMail[]): void {
    for (const mail of mails) {
      const at = this.mails.indexOf(mail);
      if (at >= 0) this.mails.splice(at, 1);
    }
  }
}

/** One session on a maildrop in memory. */
export class InMemorySession implements MaildropSession {
  readonly utf8 = false;
  /** The commands in order, for example `RETR 3`. */
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

  /** Message numbers that were retrieved. */
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

  async *topMany(messageNumbers: Iterable<number>, _options: ExchangeOptions): AsyncGenerator<HeaderReply> {
    for (const messageNumber of messageNumbers) {
      this.#say(`TOP ${messageNumber} 0`);
      const mail = this.#mails[messageNumber - 1];
      if (mail === undefined || this.#maildrop.top === "refused")
        yield { kind: "refused", messageNumber, refusal: refusal("not here") };
      else if (this.#maildrop.top === "same for all")
        yield { kind: "header", messageNumber, header: asOctets("Subject: one for all\r\n\r\n") };
      else yield { kind: "header", messageNumber, header: mail.octets.subarray(0, headerEnd(mail.octets)) };
    }
  }

  async *retrMany(requests: Iterable<RetrRequest>, _options: ExchangeOptions): AsyncGenerator<RetrReply> {
    for (const { messageNumber } of requests) {
      this.#say(`RETR ${messageNumber}`);
      const mail = this.#mails[messageNumber - 1];
      if (mail === undefined || mail.refused === true) {
        yield { kind: "refused", messageNumber, refusal: refusal("no such message") };
        continue;
      }
      await this.#maildrop.beforeRetr?.(mail);
      this.#retrieved.push(mail);
      yield { kind: "message", messageNumber, content: this.#content(mail) };
      this.#mustBeOpen();
    }
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

function listedOctets(mail: MemoryMail): number {
  return mail.listedOctets ?? mail.octets.length;
}

function refusal(text: string): Refusal {
  return { responseCode: null, text };
}

function asOctets(text: Uint8Array | string): Uint8Array {
  return typeof text === "string" ? Buffer.from(text, "latin1") : text;
}
