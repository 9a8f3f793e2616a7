import { expectList, expectMilliseconds, expectOctets, expectText } from "../arguments/expect-arguments.ts";
import type { Gateway } from "../database/gateway.ts";
import type { TableNames } from "../schema/table-names.ts";
import { uuidToOctets } from "../values/uuid-octets.ts";
import {
  attachmentContent,
  attachmentStatus,
  dropAttachments,
  keepAttachments,
  missingAttachments,
} from "./attachments.ts";
import { claimContents } from "./claim-contents.ts";
import { expectAttachments, expectClaim, expectContents, expectVersion } from "./content-arguments.ts";
import { readContent } from "./content-rows.ts";
import { presentOf } from "./content-state.ts";
import { contentStatus } from "./content-status.ts";
import type {
  AttachmentStatus,
  ClaimedMessage,
  ContentClaim,
  ContentStatus,
  NewAttachment,
  NewContent,
  StoredContent,
} from "./derived-content.ts";
import { failClaim, releaseClaims, renewClaims } from "./held-claims.ts";
import { dropContents, saveContents } from "./save-contents.ts";

/**
 * What there is to read in stored messages. It is made from their octets after they were stored, by any number of processes
 * that share the work: each claims some messages, reads them, and saves what it has made of them. All of it can be dropped
 * and made again; messages are only read here.
 */
export class StoredContents {
  readonly #gateway: Gateway;
  readonly #names: TableNames;
  /** The token that was the last to begin a look at everything. */
  #looking: string | null = null;

  constructor(gateway: Gateway, names: TableNames) {
    this.#gateway = gateway;
    this.#names = names;
  }

  /**
   * Claims messages to be read: those that nobody has read yet, then those that an older version has made or given up, then
   * those to be made anew. The newest come first, because these are what people look for, also while a large store is
   * being read for the first time. Nobody else gets them until they are saved, or given back, or the claim expires.
   *
   * A message whose claim expired comes before all others, one that failed after all others, each alone; after three attempts
   * in vain it is given up.
   *
   * @returns the messages; none if there is nothing to do now
   */
  async claim(claim: ContentClaim): Promise<readonly ClaimedMessage[]> {
    expectClaim(claim);
    const begins = claim.exact === true && this.#looking !== claim.token;
    const { claimed, hasBegun } = await claimContents(this.#gateway, this.#names, claim, begins);
    if (begins && hasBegun) this.#looking = claim.token;
    return claimed;
  }

  /**
   * Keeps the token's claims for so long from now; also those that have expired, and that nobody has taken since.
   *
   * @returns how many it has
   */
  async renew(token: string, ttlMs: number): Promise<number> {
    expectText("token", token);
    expectMilliseconds("ttlMs", ttlMs);
    return renewClaims(this.#gateway, this.#names, token, ttlMs);
  }

  /** Gives back what the token has claimed and not saved, without an attempt counted. @returns how many there were */
  async release(token: string): Promise<number> {
    expectText("token", token);
    return releaseClaims(this.#gateway, this.#names, token);
  }

  /**
   * Counts an attempt for one message that the token has claimed, because it could not be read, and gives it back; after the
   * third it is given up.
   *
   * @param reason why, in words
   * @returns false, and nothing is changed, if the claim is lost
   */
  async fail(token: string, id: string, reason: string): Promise<boolean> {
    expectText("token", token);
    uuidToOctets(id, "id");
    expectText("reason", reason);
    return failClaim(this.#gateway, this.#names, { token, id, reason });
  }

  /**
   * Writes what was made of messages that the token has claimed, in one transaction, in place of what was there; with that
   * their claims end. Of a message whose claim is lost nothing is written: whoever has it now does so. One that says that
   * attachments are kept which somebody has dropped meanwhile is given back.
   *
   * @returns the ids of the messages that were saved
   */
  async save(token: string, contents: readonly NewContent[]): Promise<readonly string[]> {
    expectText("token", token);
    expectContents(contents);
    return saveContents(this.#gateway, this.#names, token, contents);
  }

  /** What is kept of a message; null if nothing is. While it is made anew, some may be as before and some as after it. */
  async read(messageId: string): Promise<StoredContent | null> {
    const key = uuidToOctets(messageId);
    return this.#gateway.read((statements) => readContent(statements, this.#names, messageId, key));
  }

  /**
   * How far the derived rows are, for the version of what reads messages now.
   *
   * @param attachments true: what was made without the attachments waits to be made with them
   */
  async status(parser: number, attachments = false): Promise<ContentStatus> {
    expectVersion("parser", parser);
    return this.#gateway.read((statements) =>
      contentStatus(statements, this.#names, { parser, attachments }),
    );
  }

  /** The database's present time, which decides when something was made. */
  async present(): Promise<Date> {
    return new Date(await this.#gateway.read(presentOf));
  }

  /**
   * Removes all derived rows, and attachments, some at a time. What others have claimed is lost to them, and everything is to
   * be made again; what they save in the meantime may stay.
   */
  async drop(): Promise<void> {
    await dropContents(this.#gateway, this.#names);
    await dropAttachments(this.#gateway, this.#names, "all");
  }

  /** Which of these are not kept, by their SHA-256. Whoever keeps them may be too late: see `keepAttachments`. */
  async missingAttachments(digests: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    expectList("digests", digests);
    for (const sha256 of digests) expectOctets("digests[…]", sha256);
    return missingAttachments(this.#gateway, this.#names, digests);
  }

  /**
   * Keeps decoded attachments, in one transaction. Equal ones are kept once, however many messages have them, and however
   * many processes do so at once. They belong to no message until `save` says so.
   *
   * @returns how many were not kept before
   * @throws MailonceError (`content-changed`) if a content does not have its digest and so many octets: none is kept then
   */
  async keepAttachments(attachments: readonly NewAttachment[]): Promise<number> {
    expectAttachments(attachments);
    return keepAttachments(this.#gateway, this.#names, attachments);
  }

  /** Drops the attachments that no message has any more, some at a time. @returns how many */
  async dropUnusedAttachments(): Promise<number> {
    return dropAttachments(this.#gateway, this.#names, "unused");
  }

  /** How many attachments are kept. */
  async attachmentStatus(): Promise<AttachmentStatus> {
    return this.#gateway.read((statements) => attachmentStatus(statements, this.#names));
  }

  /**
   * The octets of an attachment that was kept, by its SHA-256.
   *
   * @throws MailonceError (`no-such-attachment`), or (`attachment-damaged`) if octets are missing
   */
  attachmentContent(sha256: Uint8Array): AsyncIterable<Uint8Array> {
    expectOctets("sha256", sha256);
    return attachmentContent(this.#gateway, this.#names, sha256);
  }
}
