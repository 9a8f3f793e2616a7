import { GuardFailedError, type LeaseHolder, type LeaseRequest } from "@mailonce/core";
import type { Statements } from "../database/gateway.ts";
import { lockRows } from "../database/lock-rows.ts";
import { holds } from "../ledger/lease-rows.ts";
import type { TableNames } from "../schema/table-names.ts";
import type { Row, Value } from "../values/row.ts";
import { readDate } from "../values/stored-date.ts";
import { readExactText } from "../values/stored-text.ts";

/** What an export writes: in which format, and to which file or folder. */
export interface ExportPlace {
  readonly format: string;
  readonly path: string;
}

/** How far an export has come. */
export interface ExportProgress {
  /** What its last run wrote to; null before the first. */
  readonly place: ExportPlace | null;
  /** So many octets of the file, from its beginning, are messages that are noted; 0 where each message is a file. */
  readonly fileOctets: number;
  /** By what the file is known again, in the words of who wrote it, at most 100 characters. */
  readonly fileMark: string | null;
  /** False: its last run was killed or broke off, and there may be more in the place than is noted. */
  readonly endedCleanly: boolean;
}

/** An export that its caller alone may change, as long as the lease is kept. */
export interface ExportHolding extends ExportProgress {
  readonly id: number;
  readonly token: string;
}

/** An export for people. */
export interface ExportSummary extends ExportProgress {
  readonly name: string;
}

const COLUMNS = "id, name, format, path, file_octets, file_mark, ended_cleanly";

/** Takes the lease of an export, which is made if there is none of this name. @returns its holder if another has it */
export async function takeExport(
  statements: Statements,
  { export: table }: TableNames,
  name: string,
  { token, owner, ttlMs, isDead }: LeaseRequest,
): Promise<ExportHolding | LeaseHolder> {
  const { dialect } = statements;
  const key = dialect.exactText(name);
  await lockRows(statements, `SELECT id FROM ${table} WHERE name = ?`, [key]);
  const select = `SELECT ${COLUMNS}, lease_token, lease_owner, ${dialect.date("lease_expires_at")},
    ${dialect.date(dialect.now, "present")} FROM ${table} WHERE name = ?`;
  const [there] = await statements.rows(select, [key]);
  const holder = there === undefined ? null : holderOf(there, token);
  if (holder !== null && !isDead(holder.owner)) return holder;
  const lease = [token, owner, dialect.duration(ttlMs)];
  if (there === undefined)
    await statements.run(
      `INSERT INTO ${table} (name, file_octets, ended_cleanly, lease_token, lease_owner, lease_expires_at)
       VALUES (?, 0, 1, ?, ?, ${dialect.nowPlus})`,
      [key, ...lease],
    );
  else
    await statements.run(
      `UPDATE ${table} SET lease_token = ?, lease_owner = ?, lease_expires_at = ${dialect.nowPlus} WHERE name = ?`,
      [...lease, key],
    );
  const [taken] = await statements.rows(`SELECT ${COLUMNS} FROM ${table} WHERE name = ?`, [key]);
  if (taken === undefined) throw lost();
  return { id: Number(taken["id"]), token, ...readProgress(taken) };
}

function holderOf(row: Row, token: string): LeaseHolder | null {
  const { lease_token: theirs, lease_owner: owner } = row;
  if (typeof theirs !== "string" || theirs === token) return null;
  const present = readDate(row["present"])?.getTime() ?? Date.now();
  const expires = readDate(row["lease_expires_at"])?.getTime() ?? 0;
  if (!holds(expires, present)) return null;
  return { owner: typeof owner === "string" ? owner : "", expiresInMs: expires - present };
}

/** Changes an export's row, which is locked by it until the transaction ends. @throws GuardFailedError if the lease is lost */
export async function changeExport(
  statements: Statements,
  { export: table }: TableNames,
  { id, token }: Pick<ExportHolding, "id" | "token">,
  { place, fileOctets, fileMark, endedCleanly }: Partial<ExportProgress>,
): Promise<void> {
  const changed: readonly [string, Value | undefined][] = [
    ["format", place?.format],
    ["path", place?.path],
    ["file_octets", fileOctets],
    ["file_mark", fileMark],
    ["ended_cleanly", endedCleanly === undefined ? undefined : Number(endedCleanly)],
  ];
  const values: Value[] = [];
  const columns: string[] = [];
  for (const [column, value] of changed) {
    if (value === undefined) continue;
    columns.push(`${column} = ?`);
    values.push(value);
  }
  // Without a change it still says whether the lease is held.
  if (columns.length === 0) columns.push("lease_token = lease_token");
  const found = await statements.run(
    `UPDATE ${table} SET ${columns.join(", ")} WHERE id = ? AND lease_token = ?`,
    [...values, id, token],
  );
  if (found === 0) throw lost();
}

function lost(): GuardFailedError {
  return new GuardFailedError("Another process has taken over the export.");
}

/** All exports, sorted by name. */
export async function allExports(
  statements: Statements,
  { export: table }: TableNames,
): Promise<readonly ExportSummary[]> {
  const rows = await statements.rows(`SELECT ${COLUMNS} FROM ${table} ORDER BY name`, []);
  return rows.map((row) => ({ name: readExactText(row["name"]), ...readProgress(row) }));
}

function readProgress(row: Row): ExportProgress {
  const { format, path, file_mark: mark } = row;
  return {
    place: typeof format === "string" && typeof path === "string" ? { format, path } : null,
    fileOctets: Number(row["file_octets"]),
    fileMark: typeof mark === "string" ? mark : null,
    endedCleanly: Number(row["ended_cleanly"]) !== 0,
  };
}
