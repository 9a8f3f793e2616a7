import type { Dialect } from "../database/dialect.ts";
import type { Statements } from "../database/gateway.ts";
import type { TableNames } from "../schema/table-names.ts";
import { distinctOctets, octetsOf } from "../values/octets.ts";
import type { Row, Value } from "../values/row.ts";
import { readDate } from "../values/stored-date.ts";
import { storedLongText, storedText, TEXT_LENGTH } from "../values/stored-text.ts";
import type {
  AddressRole,
  DerivedAddress,
  DerivedPart,
  NewContent,
  StoredContent,
} from "./derived-content.ts";
import { referenceDigests } from "./message-references.ts";

const CONTENT_COLUMNS = [
  "message_id",
  "parser",
  "made_at",
  "has_attachment",
  "text_cut",
  "in_reply_to",
  "preview",
  "references_header",
  "faults",
  "text",
  "html",
] as const;

const PART_COLUMNS = [
  "message_id",
  "seq",
  "part_number",
  "mime_type",
  "charset",
  "file_name",
  "disposition",
  "content_id",
  "octets",
  "sha256",
  "part_use",
] as const;

const ADDRESS_COLUMNS = ["message_id", "seq", "role", "address", "display_name"] as const;

const REFERENCE_COLUMNS = ["message_id", "seq", "digest"] as const;

/** Most octets of message-ids, and of faults. */
const LIST_OCTETS = 256 * 1024;

/**
 * Most octets of a text, and of HTML, of those of a statement: a row with both, and with all else, has to fit into one of
 * the server's packets, which is at least twice as large.
 */
const TEXT_SHARE = 0.75;

/** A message whose rows are to be written, by its key. */
export interface KeyedContent {
  readonly key: Uint8Array;
  readonly content: NewContent;
}

/** Writes the rows of messages that have none. They come sorted by key. */
export async function insertContents(
  statements: Statements,
  names: TableNames,
  contents: readonly KeyedContent[],
  madeAt: string,
): Promise<void> {
  const { messageContent, messagePart, messageAddress, messageReference, messageAttachment } = names;
  const tables = [
    [
      messageContent,
      CONTENT_COLUMNS,
      (one: KeyedContent) => [contentValues(one, madeAt, statements.statementOctets)],
    ],
    [messagePart, PART_COLUMNS, ({ key, content }: KeyedContent) => content.parts.map(partValues(key))],
    [
      messageAddress,
      ADDRESS_COLUMNS,
      ({ key, content }: KeyedContent) => content.addresses.map(addressValues(key)),
    ],
    [messageReference, REFERENCE_COLUMNS, ({ key, content }: KeyedContent) => referenceValues(key, content)],
    [
      messageAttachment,
      ["message_id", "sha256"],
      ({ key, content }: KeyedContent) =>
        distinctOctets(content.attachments ?? []).map((sha256) => [key, sha256]),
    ],
  ] as const;
  for (const [table, columns, rowsOf] of tables) {
    const inserter = statements.inserter({ table, columns });
    for (const one of contents) for (const row of rowsOf(one)) await inserter.add(row);
    await inserter.flush();
  }
}

/** Any message has some: texts that are too long are cut. */
function contentValues(
  { key, content }: KeyedContent,
  madeAt: string,
  statementOctets: number,
): readonly Value[] {
  const longest = Math.floor(statementOctets * TEXT_SHARE);
  const text = content.text === null ? null : storedLongText(content.text, longest);
  const html = content.html === null ? null : storedLongText(content.html, longest);
  return [
    key,
    content.parser,
    madeAt,
    Number(content.hasAttachment),
    Number(content.textCut || text?.isCut === true),
    storedText(content.inReplyTo, TEXT_LENGTH.inReplyTo),
    storedText(content.preview, TEXT_LENGTH.preview),
    listed(content.references, " "),
    listed(content.faults, "\n"),
    text?.text ?? null,
    html?.text ?? null,
  ];
}

/** The first ones of a list in a text, without what parts them within them; null if there are none. */
function listed(list: readonly string[], separator: " " | "\n"): string | null {
  const clean = list.map((one) =>
    separator === " " ? one.replace(/\s+/g, "") : one.replace(/[\r\n]+/g, " "),
  );
  let octets = 0;
  const first = clean.filter((one) => {
    octets += Buffer.byteLength(one) + separator.length;
    return octets <= LIST_OCTETS;
  });
  return first.length === 0 ? null : storedText(first.join(separator), LIST_OCTETS);
}

const partValues =
  (key: Uint8Array) =>
  (part: DerivedPart, seq: number): readonly Value[] => [
    key,
    seq,
    storedText(part.number, TEXT_LENGTH.partNumber),
    storedText(part.mimeType, TEXT_LENGTH.mimeType),
    storedText(part.charset, TEXT_LENGTH.charset),
    storedText(part.fileName, TEXT_LENGTH.fileName),
    part.disposition,
    storedText(part.contentId, TEXT_LENGTH.contentId),
    part.octets,
    part.sha256,
    part.use,
  ];

const addressValues =
  (key: Uint8Array) =>
  ({ role, address, displayName }: DerivedAddress, seq: number): readonly Value[] => [
    key,
    seq,
    role,
    storedText(address.toLowerCase(), TEXT_LENGTH.address),
    storedText(displayName, TEXT_LENGTH.displayName),
  ];

/** The message's own message-id has the number 0; a message without one has no such row. */
function referenceValues(key: Uint8Array, content: NewContent): readonly (readonly Value[])[] {
  const { own, answered } = referenceDigests(content);
  const values = answered.map((digest, at): readonly Value[] => [key, at + 1, digest]);
  return own === null ? values : [[key, 0, own], ...values];
}

/** What is kept of a message; null if nothing is. */
export async function readContent(
  statements: Statements,
  { messageContent, messagePart, messageAddress, messageAttachment }: TableNames,
  id: string,
  key: Uint8Array,
): Promise<StoredContent | null> {
  const select = (table: string, columns: readonly string[], end = "") =>
    statements.rows(
      `SELECT ${columns.map(selected(statements.dialect)).join(", ")} FROM ${table} WHERE message_id = ?${end}`,
      [key],
    );
  const [row] = await select(messageContent, CONTENT_COLUMNS);
  if (row === undefined) return null;
  const parts = await select(messagePart, PART_COLUMNS, " ORDER BY seq");
  const addresses = await select(messageAddress, ADDRESS_COLUMNS, " ORDER BY seq");
  const attachments = await select(messageAttachment, ["sha256"], " ORDER BY sha256");
  return {
    id,
    parser: Number(row["parser"]),
    madeAt: readDate(row["made_at"]) ?? new Date(0),
    hasAttachment: Number(row["has_attachment"]) !== 0,
    textCut: Number(row["text_cut"]) !== 0,
    inReplyTo: textOrNull(row["in_reply_to"]),
    preview: textOrNull(row["preview"]),
    references: partsOf(row["references_header"], " "),
    faults: partsOf(row["faults"], "\n"),
    text: textOrNull(row["text"]),
    html: textOrNull(row["html"]),
    parts: parts.map(readPart),
    addresses: addresses.map(readAddress),
    attachments: attachments.map((one) => octetsOf(one["sha256"])),
  };
}

const selected = (dialect: Dialect) => (column: string) =>
  column === "made_at" ? dialect.date(column) : column;

function readPart(row: Row): DerivedPart {
  const { disposition, part_use: use } = row;
  return {
    number: String(row["part_number"]),
    mimeType: String(row["mime_type"]),
    charset: textOrNull(row["charset"]),
    fileName: textOrNull(row["file_name"]),
    disposition: disposition === "inline" || disposition === "attachment" ? disposition : null,
    contentId: textOrNull(row["content_id"]),
    octets: Number(row["octets"]),
    sha256: octetsOf(row["sha256"]),
    use: use === "text" || use === "alternative" ? use : "attachment",
  };
}

function readAddress(row: Row): DerivedAddress {
  return {
    role: String(row["role"]) as AddressRole,
    address: String(row["address"]),
    displayName: textOrNull(row["display_name"]),
  };
}

function textOrNull(value: unknown): string | null {
  return value === null ? null : String(value);
}

function partsOf(value: unknown, separator: string): readonly string[] {
  return value === null ? [] : String(value).split(separator);
}
