/** What a statement takes. Booleans go as 0 and 1, times as text (stored-date.ts): the same on every database. */
export type Value = string | number | Uint8Array | null;

/** A row by column name. */
export type Row = Readonly<Record<string, unknown>>;
