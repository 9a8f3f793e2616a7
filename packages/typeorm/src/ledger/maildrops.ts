import {
  DuplicateKeyError,
  GuardFailedError,
  type Maildrop,
  MailonceError,
  NEW_MAILDROP,
} from "@mailonce/core";
import { expectMaildropId, expectText, isName, NAME_OCTETS } from "../arguments/expect-arguments.ts";
import type { Gateway } from "../database/gateway.ts";
import type { TableNames } from "../schema/table-names.ts";
import type { Value } from "../values/row.ts";
import { lockLease } from "./lease-rows.ts";
import { maildropSelection, maildropValues, readMaildrop } from "./maildrop-rows.ts";

/** All maildrops, by name. */
export function allMaildrops(gateway: Gateway, names: TableNames): Promise<readonly Maildrop[]> {
  return maildropsWhere(gateway, names, "ORDER BY name", []);
}

/** The maildrop of this name, or null. */
export async function findMaildrop(
  gateway: Gateway,
  names: TableNames,
  name: string,
): Promise<Maildrop | null> {
  expectText("name", name);
  const [found] = await maildropsWhere(gateway, names, "WHERE name = ?", [gateway.dialect.exactText(name)]);
  return found ?? null;
}

async function maildropsWhere(
  gateway: Gateway,
  names: TableNames,
  end: string,
  values: readonly Value[],
): Promise<readonly Maildrop[]> {
  const select = `SELECT ${maildropSelection(gateway.dialect)} FROM ${names.maildrop} ${end}`;
  const rows = await gateway.read((statements) => statements.rows(select, values));
  return rows.map(readMaildrop);
}

/** The maildrop of this name, made if it is missing. @throws MailonceError (`maildrop-name`) if no column could hold it */
export async function openMaildrop(gateway: Gateway, names: TableNames, name: string): Promise<Maildrop> {
  expectMaildropName(name);
  const known = await findMaildrop(gateway, names, name);
  if (known) return known;
  const values = [["name", gateway.dialect.exactText(name)] as const, ...maildropValues(NEW_MAILDROP)];
  const columns = values.map(([column]) => column).join(", ");
  const insert = `INSERT INTO ${names.maildrop} (${columns}) VALUES (${values.map(() => "?").join(", ")})`;
  try {
    const given = values.map(([, value]) => value);
    await gateway.change(insert, given);
  } catch (error) {
    // Another caller was quicker: its row is the one.
    if (!(error instanceof DuplicateKeyError)) throw error;
  }
  const opened = await findMaildrop(gateway, names, name);
  if (opened) return opened;
  throw new MailonceError("store-failed", `${gateway.place} does not give back what was written to it.`);
}

/** Gives the maildrop another name, for who holds its lease. @throws GuardFailedError, DuplicateKeyError */
export async function renameMaildrop(
  gateway: Gateway,
  names: TableNames,
  maildropId: number,
  { name, leaseToken }: { readonly name: string; readonly leaseToken: string },
): Promise<void> {
  expectMaildropId(maildropId);
  expectText("leaseToken", leaseToken);
  expectMaildropName(name);
  await gateway.transaction(async (statements) => {
    const lease = await lockLease(statements, names, maildropId);
    if (lease?.token !== leaseToken)
      throw new GuardFailedError("The maildrop's lease is no longer this process's.");
    await statements.run(`UPDATE ${names.maildrop} SET name = ? WHERE id = ?`, [
      statements.dialect.exactText(name),
      maildropId,
    ]);
  });
}

/**
 * Takes away a maildrop that never had a run, and what is remembered of it; one that has anything in its ledger, or that
 * somebody is working on, stays.
 * @returns whether it was there and is gone
 */
export function dropUnusedMaildrop(gateway: Gateway, names: TableNames, name: string): Promise<boolean> {
  const { maildrop, ledgerEntry, message, standing, address, login, firstRun } = names;
  return gateway.transaction(async (statements) => {
    const { exactText, forUpdate } = statements.dialect;
    const [row] = await statements.rows(
      `SELECT d.id AS id FROM ${maildrop} d WHERE d.name = ? AND d.last_run_at IS NULL AND d.lease_token IS NULL
       AND NOT EXISTS (SELECT 1 FROM ${ledgerEntry} e WHERE e.maildrop_id = d.id)
       AND NOT EXISTS (SELECT 1 FROM ${message} m WHERE m.maildrop_id = d.id)${forUpdate}`,
      [exactText(name)],
    );
    if (row === undefined) return false;
    const id = Number(row["id"]);
    for (const table of [standing, address, login, firstRun])
      await statements.run(`DELETE FROM ${table} WHERE maildrop_id = ?`, [id]);
    await statements.run(`DELETE FROM ${maildrop} WHERE id = ?`, [id]);
    return true;
  });
}

/** @throws MailonceError (`maildrop-name`) if no column could hold the name */
export function expectMaildropName(name: string): void {
  if (typeof name === "string" && isName(name)) return;
  throw new MailonceError(
    "maildrop-name",
    `A maildrop's name is a text of at most ${NAME_OCTETS} octets in UTF-8, without NUL.`,
  );
}
