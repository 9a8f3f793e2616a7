import { randomBytes } from "node:crypto";
import { messageTokens } from "@mailonce/core/search";
import type { NewContent, SearchPage, TypeormStore } from "../src/index.ts";
import { contentOf, message, nextId } from "./samples.ts";
import type { CorpusMessage } from "./search-corpus.ts";

export const GUARD = { generation: 0, leaseToken: null };
export const MAILDROP = "joe@example.net";

function blockOf({ subject, from = "ann@example.com", list }: CorpusMessage): Uint8Array {
  const listId = list === undefined ? "" : `List-Id: <${list}>\r\n`;
  return Buffer.from(`Subject: ${subject}\r\nFrom: ${from}\r\n${listId}\r\n`);
}

/** Stores messages as a fetch does, in this order. @returns their ids */
export async function store(into: TypeormStore, mails: readonly CorpusMessage[]): Promise<readonly string[]> {
  const { id } = await into.openMaildrop(MAILDROP);
  const ids = mails.map(({ isNew = false }) => (isNew ? presentId() : nextId()));
  const rows = mails.map((mail, at) =>
    message({
      id: ids[at] ?? "",
      content: contentOf(Buffer.concat([blockOf(mail), Buffer.from(mail.text)])),
      subject: mail.name,
      ...(mail.date === undefined ? {} : { date: mail.date }),
    }),
  );
  await into.transact(id, GUARD, (tx) => tx.insertMessages(rows));
  return ids;
}

/** The id of a message that is stored now. */
function presentId(): string {
  const hex = Date.now().toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}${nextId().slice(13)}`;
}

export function contentOfMail(id: string, mail: CorpusMessage): NewContent {
  const { text, fileNames = [] } = mail;
  return {
    id,
    parser: 1,
    text,
    textCut: false,
    html: null,
    preview: text.slice(0, 100),
    hasAttachment: fileNames.length > 0,
    inReplyTo: null,
    references: [],
    faults: [],
    parts: fileNames.map((fileName, at) => ({
      number: String(at + 2),
      mimeType: "application/pdf",
      charset: null,
      fileName,
      disposition: "attachment",
      contentId: null,
      octets: 1,
      sha256: new Uint8Array(32),
      use: "attachment",
    })),
    addresses: [],
    tokens: messageTokens({ block: blockOf(mail), text, fileNames }),
  };
}

/** Reads what was stored, so many messages at once. */
export async function index(
  into: TypeormStore,
  ids: readonly string[],
  mails: readonly CorpusMessage[],
  limit = 1000,
): Promise<void> {
  const token = randomBytes(6).toString("hex");
  for (;;) {
    const claimed = await into.contents.claim({ parser: 1, limit, token, ttlMs: 60_000, exact: true });
    if (claimed.length === 0) return;
    const contents = claimed.flatMap(({ id }) => {
      const mail = mails[ids.indexOf(id)];
      return mail === undefined ? [] : [contentOfMail(id, mail)];
    });
    await into.contents.save(token, contents);
  }
}

export async function stored(
  into: TypeormStore,
  mails: readonly CorpusMessage[],
): Promise<readonly string[]> {
  const ids = await store(into, mails);
  await index(into, ids, mails);
  return ids;
}

/** All that a query finds, page by page. */
export async function all(
  of: TypeormStore,
  query: string,
  limit = 50,
): Promise<readonly SearchPage["messages"][number][]> {
  const hits: SearchPage["messages"][number][] = [];
  for (let cursor: string | undefined; ; ) {
    const page: SearchPage = await of.search({ query, limit, ...(cursor === undefined ? {} : { cursor }) });
    hits.push(...page.messages);
    if (page.next === null) return hits;
    cursor = page.next;
  }
}

export async function names(
  of: TypeormStore,
  query: string,
  limit?: number,
): Promise<readonly (string | null)[]> {
  return (await all(of, query, limit)).map(({ message: { subject } }) => subject);
}

export const plain = (name: string, text: string): CorpusMessage => ({ name, subject: name, text });
