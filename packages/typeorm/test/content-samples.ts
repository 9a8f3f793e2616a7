import { randomBytes } from "node:crypto";
import type { NewContent, TypeormStore } from "../src/index.ts";
import { contentOf, message, nextId, octets } from "./samples.ts";

const GUARD = { generation: 0, leaseToken: null };
export const YEARS_MS = 11 * 365 * 24 * 3_600_000;
export const CLAIM = { parser: 1, limit: 100, token: "t", ttlMs: 60_000 };

/** Stores messages, as a fetch does. @returns their ids, those stored last first */
export async function storeMessages(store: TypeormStore, ids: readonly string[]): Promise<readonly string[]> {
  const { id } = await store.openMaildrop("a");
  const messages = ids.map((one) =>
    message({ id: one, content: contentOf(octets(`Subject: x\r\n\r\n${one}`)) }),
  );
  await store.transact(id, GUARD, (tx) => tx.insertMessages(messages));
  return ids.toReversed();
}

export const newIds = (count: number): readonly string[] => Array.from({ length: count }, () => nextId());

/** A UUIDv7 of that time. */
export function idAt(ms: number): string {
  const hex = ms.toString(16).padStart(12, "0");
  const tail = randomBytes(6).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${tail}`;
}

/** What was made of a message, in plain words where nothing else is said. */
export function content(id: string, change: Partial<NewContent> = {}): NewContent {
  return {
    id,
    parser: 1,
    text: "Dear Ann,\nthe meeting is on Monday.\n",
    textCut: false,
    html: null,
    preview: "Dear Ann, the meeting is on Monday.",
    hasAttachment: false,
    inReplyTo: null,
    references: [],
    faults: [],
    parts: [],
    addresses: [],
    ...change,
  };
}

export const idsOf = (claimed: readonly { readonly id: string }[]): readonly string[] =>
  claimed.map(({ id }) => id);

/** Claims and saves until there is nothing to do. @returns the ids in the order in which they were claimed */
export async function makeAll(
  store: TypeormStore,
  change: Partial<typeof CLAIM> = {},
): Promise<readonly string[]> {
  const made: string[] = [];
  for (;;) {
    const claim = { ...CLAIM, ...change };
    const claimed = await store.contents.claim(claim);
    if (claimed.length === 0) return made;
    await store.contents.save(
      claim.token,
      claimed.map(({ id }) => content(id, { parser: claim.parser })),
    );
    made.push(...idsOf(claimed));
  }
}

/** The name of a table as it is in this store. */
export function table(store: TypeormStore, end: string): string {
  const found = store.dataSource.entityMetadatas.find(({ tableName }) => tableName.endsWith(end));
  return `${found?.tableName}`;
}

/** Lets all claims of a token expire, as if their time were over. */
export async function expire(store: TypeormStore, token: string): Promise<void> {
  await store.dataSource.query(
    `UPDATE ${table(store, "content_state")} SET claimed_until = '2020-01-01 00:00:00.000' WHERE claim_token = ?`,
    [token],
  );
}

export async function count(store: TypeormStore, end: string): Promise<number> {
  const [row] = await store.dataSource.query(`SELECT COUNT(*) AS number FROM ${table(store, end)}`);
  return Number(row.number);
}
