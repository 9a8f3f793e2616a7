import { createHash } from "node:crypto";
import { type Content, MailonceError } from "@mailonce/core";
import type { Gateway, Statements } from "../database/gateway.ts";
import { keyLists } from "../database/key-lists.ts";
import { lockRows } from "../database/lock-rows.ts";
import { ChunkWriter, chunksOf } from "../messages/message-chunks.ts";
import { type SyncContents, withSyncContents } from "../messages/sync-contents.ts";
import type { TableNames } from "../schema/table-names.ts";
import { distinctOctets, hexOf, octetsOf } from "../values/octets.ts";
import { sortedKeys } from "./content-state.ts";
import type { AttachmentStatus, NewAttachment } from "./derived-content.ts";
import { untilDone } from "./until-done.ts";

/** Octets of attachments that are dropped in one transaction, unless one alone has more. */
const DROPPED_OCTETS = 16 * 1024 * 1024;
/** Attachments that are dropped in one transaction. */
const DROPPED = 100;

/** Keeps attachments that are not kept already: see {@link StoredContents.keepAttachments}. */
export async function keepAttachments(
  gateway: Gateway,
  names: TableNames,
  attachments: readonly NewAttachment[],
): Promise<number> {
  const byDigest = new Map(attachments.map((attachment) => [hexOf(attachment.sha256), attachment]));
  // Again where another one was quicker: what it has committed is all of it.
  return untilDone(async () => {
    // To spare the way of their octets: whether they have to be written the key decides. In the order of their keys, so
    // that two who write at the same time do not deadlock.
    const digests = attachments.map(({ sha256 }) => sha256);
    const missing = sortedKeys(await missingAttachments(gateway, names, digests)).flatMap(
      (sha256) => byDigest.get(hexOf(sha256)) ?? [],
    );
    if (missing.length > 0) await insertAttachments(gateway, names, missing);
    return missing.length;
  });
}

/** Which of these are not kept. */
export async function missingAttachments(
  gateway: Gateway,
  { attachment }: TableNames,
  digests: readonly Uint8Array[],
): Promise<readonly Uint8Array[]> {
  const there = new Set<string>();
  for (const { sql, values } of keyLists(digests)) {
    const rows = await gateway.read((statements) =>
      statements.rows(`SELECT sha256 FROM ${attachment} WHERE sha256 IN ${sql}`, values),
    );
    for (const row of rows) there.add(hexOf(octetsOf(row["sha256"])));
  }
  return distinctOctets(digests).filter((sha256) => !there.has(hexOf(sha256)));
}

/** How many are kept, and how many octets. */
export async function attachmentStatus(
  statements: Statements,
  { attachment }: TableNames,
): Promise<AttachmentStatus> {
  const [row] = await statements.rows(
    `SELECT COUNT(*) AS number, COALESCE(SUM(octets), 0) AS octets FROM ${attachment}`,
    [],
  );
  return { attachments: Number(row?.["number"] ?? 0), octets: Number(row?.["octets"] ?? 0) };
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

async function insertAttachments(
  gateway: Gateway,
  { attachment, attachmentChunk }: TableNames,
  attachments: readonly NewAttachment[],
): Promise<void> {
  const checked = attachments.map(({ sha256, content }) => ({
    sha256,
    content: withDigest(content, sha256),
  }));
  const attempt = (contents: SyncContents | null): Promise<void> =>
    gateway.transaction(async (statements) => {
      contents?.need(checked.map(({ content }) => content));
      const rows = statements.inserter({ table: attachment, columns: ["sha256", "octets"] });
      for (const { sha256, content } of checked) await rows.add([sha256, content.octets]);
      await rows.flush();
      const chunks = new ChunkWriter(statements, { table: attachmentChunk, column: "sha256" }, contents);
      for (const { sha256, content } of checked) await chunks.write(sha256, content.octets, content);
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
  const { readSync } = content;
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
    ...(readSync === undefined
      ? {}
      : {
          readSync: function* () {
            const hash = createHash("sha256");
            for (const part of readSync.call(content)) {
              hash.update(part);
              yield part;
            }
            expect(hash.digest());
          },
        }),
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
  const name = hexOf(sha256);
  if (octets === null)
    throw new MailonceError("no-such-attachment", `There is no attachment ${name} in ${gateway.place}.`);
  const missing = yield* chunksOf(gateway, { table: attachmentChunk, column: "sha256" }, sha256, octets);
  if (missing !== 0)
    throw new MailonceError("attachment-damaged", `Attachment ${name} lacks ${missing} octets.`);
}

/** Drops all attachments, or those that no message has. @returns how many */
export async function dropAttachments(
  gateway: Gateway,
  names: TableNames,
  which: "all" | "unused",
): Promise<number> {
  const { attachment } = names;
  const condition = which === "all" ? "" : ` AND ${isUnused(names)}`;
  let dropped = 0;
  for (let after: Uint8Array = new Uint8Array(0); ; ) {
    const from = after;
    const rows = await gateway.read((statements) =>
      statements.rows(
        `SELECT a.sha256 AS sha256, a.octets AS octets FROM ${attachment} a
         WHERE a.sha256 > ?${condition} ORDER BY a.sha256 LIMIT ${DROPPED}`,
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
    if (last === undefined) return dropped;
    dropped += await untilDone(() =>
      gateway.transaction(async (statements) => {
        const now = which === "all" ? keys : await lockUnused(statements, names, keys);
        // Their chunks go with them.
        for (const key of now) await statements.run(`DELETE FROM ${attachment} WHERE sha256 = ?`, [key]);
        return now.length;
      }),
    );
    after = last;
  }
}

/**
 * Those of the attachments that no message has. Nobody can save a message with them until the transaction ends, because who
 * does so locks them, too.
 */
async function lockUnused(
  statements: Statements,
  names: TableNames,
  keys: readonly Uint8Array[],
): Promise<readonly Uint8Array[]> {
  const unused: Uint8Array[] = [];
  for (const { sql, values } of keyLists(keys)) {
    const select = `SELECT a.sha256 AS sha256 FROM ${names.attachment} a WHERE a.sha256 IN ${sql}`;
    await lockRows(statements, select, values);
    const rows = await statements.rows(`${select} AND ${isUnused(names)}`, values);
    unused.push(...rows.map((row) => octetsOf(row["sha256"])));
  }
  return unused;
}

/** That no message has the attachment `a`. Rows of messages that are gone do not count: SQLite may not look at foreign keys. */
function isUnused({ messageAttachment, message }: TableNames): string {
  return `NOT EXISTS (SELECT 1 FROM ${messageAttachment} r JOIN ${message} m ON m.id = r.message_id WHERE r.sha256 = a.sha256)`;
}
