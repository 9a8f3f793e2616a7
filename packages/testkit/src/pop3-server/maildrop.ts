import { createHash } from "node:crypto";
import type { MaildropBehaviour } from "./behaviour.ts";
import type { ServedMessage } from "./served-message.ts";

/** What may be said about a message at its delivery. */
export interface DeliverOptions {
  /** Octets read as ISO 8859-1. Default 16 hexadecimal digits, new for every message. */
  readonly uniqueId?: string;
}

/** A maildrop in memory. Mail is delivered at its end; what a session sees is fixed when it logs in. */
export class Maildrop {
  /** How its server treats it; may be changed at any time. */
  readonly behaviour: MaildropBehaviour;
  readonly #messages: ServedMessage[] = [];
  readonly #removed = new WeakSet<ServedMessage>();
  #generation = 1;
  #delivered = 0;

  constructor(behaviour: MaildropBehaviour = {}) {
    this.behaviour = { ...behaviour };
  }

  /** All messages, oldest first, hidden ones included. */
  get messages(): readonly ServedMessage[] {
    return this.#messages;
  }

  /** Appends a message. The octets are not copied. */
  deliver(bytes: Uint8Array, options: DeliverOptions = {}): ServedMessage {
    this.#delivered += 1;
    const uniqueId = options.uniqueId ?? this.#newUniqueId(this.#delivered);
    const message: ServedMessage = { bytes, uniqueId, retrievals: 0, hidden: false };
    this.#messages.push(message);
    return message;
  }

  /** Appends messages in this order. */
  deliverAll(messages: Iterable<Uint8Array>): readonly ServedMessage[] {
    return Array.from(messages, (bytes) => this.deliver(bytes));
  }

  /** Takes a message away, as the user's other mail program would; open sessions list it, but cannot retrieve it. */
  remove(message: ServedMessage): void {
    const index = this.#messages.indexOf(message);
    if (index < 0) return;
    this.#messages.splice(index, 1);
    this.#removed.add(message);
  }

  /** Whether the message was taken away. */
  hasLost(message: ServedMessage): boolean {
    return this.#removed.has(message);
  }

  /** Puts the messages into another order. */
  reorder(compare: (a: ServedMessage, b: ServedMessage) => number): void {
    this.#messages.sort(compare);
  }

  /** Gives every message a new unique-id, as a server does whose index was lost. */
  renumber(): void {
    this.#generation += 1;
    this.#messages.forEach((message, index) => {
      message.uniqueId = this.#newUniqueId(index + 1);
    });
  }

  /** What a session that logs in now sees. Uses up `behaviour.nextListing`. */
  openListing(): readonly ServedMessage[] {
    const { window, nextListing } = this.behaviour;
    let shown = this.#messages.filter((message) => !message.hidden);
    if (window?.show === "oldest") shown = shown.slice(0, window.count);
    if (window?.show === "newest") shown = shown.slice(Math.max(0, shown.length - window.count));
    if (nextListing === undefined) return shown;
    delete this.behaviour.nextListing;
    if (nextListing === "empty") return [];
    const half = Math.ceil(shown.length / 2);
    return nextListing === "oldest half" ? shown.slice(0, half) : shown.slice(shown.length - half);
  }

  /** Dovecot's way: the message's number, then the generation. */
  #newUniqueId(number: number): string {
    const hexadecimal = (value: number): string => value.toString(16).padStart(8, "0");
    return hexadecimal(number) + hexadecimal(0x60000000 + this.#generation);
  }
}

/** Ways to make unique-ids that real servers use or misuse, for `behaviour.uniqueIdOf`. */
export const uniqueIds = {
  /** Every message the same one. */
  shared: (): string => "the-same-for-all",
  /** None at all: the line ends after the message number. */
  empty: (): string => "",
  /** With a space inside, alike up to it. */
  withSpace: (_message: ServedMessage, messageNumber: number): string => `id ${messageNumber}`,
  /** Eight letters, alike but for upper and lower case; distinct for 256 messages. */
  caseOnly: (_message: ServedMessage, messageNumber: number): string =>
    Array.from("abcdefgh", (letter, bit) =>
      (messageNumber >> bit) & 1 ? letter.toUpperCase() : letter,
    ).join(""),
  /** 151 octets (RFC 1939 allows 70) that differ in the last ones only. */
  long: (_message: ServedMessage, messageNumber: number): string => `${messageNumber}`.padStart(151, "x"),
  /** 300 octets that differ in the last ones only. */
  veryLong: (_message: ServedMessage, messageNumber: number): string => `${messageNumber}`.padStart(300, "x"),
  /** With octets above 127. */
  nonAscii: (_message: ServedMessage, messageNumber: number): string => `\u00e9\u00ff${messageNumber}`,
  /** A digest of the first header lines, as popa3d has it: unlike messages share one. */
  headerDigest: (message: ServedMessage): string =>
    createHash("md5").update(message.bytes.subarray(0, 64)).digest("hex").slice(0, 16),
} as const;
