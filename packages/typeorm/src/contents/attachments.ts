import { createHash } from "node:crypto";
import { type Content, DuplicateKeyError, MailonceError } from "@mailonce/core";
import type { Gateway } from "../database/gateway.ts";
import { ChunkWriter, chunksOf } from "../messages/message-chunks.ts";
import { type SyncContents, withSyncContents } from "../messages/sync-contents.ts";
import type { TableNames } from "../schema/table-names.ts";
import { octetsOf } from "../values/octets.ts";
import { untilDone } from "./until-done.ts";

/** Octets of attachments that are dropped in one transaction, unless one alone has more. */
const DROPPED_OCTETS = 16 * 1024 * 1024;
/** Attachments that are dropped in one transaction. */
const DROPPED = 100;

/** Keeps an attachment, unless it is kept already: see {@link StoredContents.keepAttachment}. */
export async function keepAttachment(
  gateway: Gateway,
  names: TableNames,
  sha256: Uint8Array,
  content: Content,
): Promise<boolean> {
  if (await isThere(gateway, names, sha256)) return false;
  const attachment = withDigest(content, sha256);
  return untilDone(async () => {
    try {
      await insertAttachment(gateway, names, sha256, attachment);
      return true;
    } catch (error) {
      // Another one was quicker: what it has committed is all of it.
      if (error instanceof DuplicateKeyError && (await isThere(gateway, names, sha256))) return false;
      throw error;
    }
  });
}

/** Whether it is kept, to spare the way of its octets: whether it has to be written the key decides. */
async function isThere(gateway: Gateway, { attachment }: TableNames, sha256: Uint8Array): Promise<boolean> {
  return (await octetsOfAttachment(gateway, attachment, sha256)) !== null;
}

async function octetsOfAttachment(
  gateway: Gateway,
  table: string,
  sha256: Uint8Array,
): Promise<number | null> {
  const [row] = await gateway.read((statements) =>
    statements.rows(`SELECT octets FROM ${table} WHERE sha256 = ?`, [sha256]),
  );
  return row === undefined ? null : Number(row["octets"]);
}

async function insertAttachment(
  gateway: Gateway,
  { attachment, attachmentChunk }: TableNames,
  sha256: Uint8Array,
  content: Content,
): Promise<void> {
  const attempt = (contents: SyncContents | null): Promise<void> =>
    gateway.transaction(async (statements) => {
      contents?.need([content]);
      const insert = `INSERT INTO ${attachment} (sha256, octets) VALUES (?, ?)`;
      await statements.run(insert, [sha256, content.octets]);
      const chunks = new ChunkWriter(statements, { table: attachmentChunk, column: "sha256" }, contents);
      await chunks.write(sha256, content.octets, content);
      await chunks.flush();
    });
  await (gateway.dialect.transactionsMayWait ? attempt(null) : withSyncContents(attempt));
}

/** The content, which fails at its end if it is another one than its digest says. */
function withDigest(content: Content, sha256: Uint8Array): Content {
  const { bytes, octets } = content;
  const expect = (found: Buffer): void => {
    if (!found.equals(sha256))
      throw new MailonceError("content-changed", `An attachment of ${octets} octets has another SHA-256.`);
  };
  if (bytes !== null) expect(createHash("sha256").update(bytes).digest());
  return {
    octets,
    bytes,
    read: async function* () {
      const hash = createHash("sha256");
      for await (const part of content.read()) {
        hash.update(part);
        yield part;
      }
      expect(hash.digest());
    },
    discard: () => content.discard(),
  };
}

/**
 * The octets of an attachment.
 *
 * @throws MailonceError (`no-such-attachment`), or (`attachment-damaged`) if chunks are missing
 */
export async function* attachmentContent(
  gateway: Gateway,
  { attachment, attachmentChunk }: TableNames,
  sha256: Uint8Array,
): AsyncGenerator<Uint8Array> {
  const octets = await octetsOfAttachment(gateway, attachment, sha256);
  const name = Buffer.from(sha256).toString("hex");
  if (octets === null)
    throw new MailonceError("no-such-attachment", `There is no attachment ${name} in ${gateway.place}.`);
  const missing = yield* chunksOf(gateway, { table: attachmentChunk, column: "sha256" }, sha256, octets);
  if (missing !== 0)
    throw new MailonceError("attachment-damaged", `Attachment ${name} lacks ${missing} octets.`);
}

/** Removes all attachments. */
export async function dropAttachments(gateway: Gateway, { attachment }: TableNames): Promise<void> {
  for (let after: Uint8Array = new Uint8Array(0); ; ) {
    const from = after;
    const rows = await gateway.read((statements) =>
      statements.rows(
        `SELECT sha256, octets FROM ${attachment} WHERE sha256 > ? ORDER BY sha256 LIMIT ${DROPPED}`,
        [from],
      ),
    );
    let octets = 0;
    const few = rows.filter((row, index) => {
      octets += Number(row["octets"]);
      return index === 0 || octets <= DROPPED_OCTETS;
    });
    const keys = few.map((row) => octetsOf(row["sha256"]));
    const last = keys.at(-1);
    if (last === undefined) return;
    await untilDone(() =>
      gateway.transaction(async (statements) => {
        // Their chunks go with them.
        for (const key of keys) await statements.run(`DELETE FROM ${attachment} WHERE sha256 = ?`, [key]);
      }),
    );
    after = last;
  }
}
