import { createHash } from "node:crypto";
import { DuplicateKeyError, MailonceError, PART_OCTETS } from "@mailonce/core";
import type { Gateway, Statements } from "../database/gateway.ts";
import { chunksOf } from "../messages/message-chunks.ts";
import type { TableNames } from "../schema/table-names.ts";
import { octetsOf } from "../values/octets.ts";
import { untilDone } from "./claim-contents.ts";

/** More octets than a chunk's row takes beside its content. */
const ROW_OVERHEAD = 1024;
/** Octets of attachments that are dropped in one transaction, unless one alone has more. */
const DROPPED_OCTETS = 16 * 1024 * 1024;
/** Attachments that are dropped in one transaction. */
const DROPPED = 100;

/** Keeps the octets of an attachment, unless they are kept already. @returns their SHA-256 */
export async function keepAttachment(
  gateway: Gateway,
  names: TableNames,
  content: Uint8Array,
): Promise<Uint8Array> {
  const sha256 = new Uint8Array(createHash("sha256").update(content).digest());
  if (await isThere(gateway, names, sha256)) return sha256;
  await untilDone(async () => {
    try {
      await gateway.transaction((statements) => insertAttachment(statements, names, sha256, content));
    } catch (error) {
      // Another one was quicker: what it has committed is all of it.
      if (!(error instanceof DuplicateKeyError) || !(await isThere(gateway, names, sha256))) throw error;
    }
  });
  return sha256;
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
  statements: Statements,
  { attachment, attachmentChunk }: TableNames,
  sha256: Uint8Array,
  content: Uint8Array,
): Promise<void> {
  await statements.run(`INSERT INTO ${attachment} (sha256, octets) VALUES (?, ?)`, [sha256, content.length]);
  const length = Math.max(1, Math.min(PART_OCTETS, statements.statementOctets - ROW_OVERHEAD));
  const inserter = statements.inserter({ table: attachmentChunk, columns: ["sha256", "seq", "content"] });
  for (let seq = 0; seq * length < content.length; seq++)
    await inserter.add([sha256, seq, content.subarray(seq * length, (seq + 1) * length)]);
  await inserter.flush();
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
