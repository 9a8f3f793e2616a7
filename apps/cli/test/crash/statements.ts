/** When in the life of a statement something strikes. */
export type Moment =
  /** The database has not seen it. */
  | "before"
  /** It is on its way, or being carried out. */
  | "during"
  /** It was carried out; the command does not know yet. */
  | "after"
  /** The command has the answer (servers only). */
  | "answered";

/** A statement of one run of the command, counted from 1 over all of its connections. */
export interface Statement {
  readonly number: number;
  readonly sql: string;
}

/** What part of the work a statement belongs to, as the table of results names it. */
export function placeOf({ sql }: Statement): string {
  const text = sql.replaceAll(/["`]/g, "").replaceAll(/\s+/g, " ").trim();
  if (/^(CREATE|ALTER)\b|INSERT INTO \S*migrations\b|_LOCK\(/i.test(text)) return "migration";
  if (/^PRAGMA|migrations\b|@@|VERSION\(\)|information_schema|sqlite_master|^SELECT DATABASE/i.test(text))
    return "opening";
  const insert = /^INSERT INTO mailonce_(\w+)/i.exec(text);
  if (insert !== null) return `INSERT ${insert[1] ?? ""}`;
  return /^(\w+)/.exec(text)?.[1]?.toUpperCase() ?? "other";
}
