import type { Gateway } from "../database/gateway.ts";
import type { TableNames } from "../schema/table-names.ts";

/**
 * Takes away a maildrop that never had a run, and what is remembered of it; one that has anything in its ledger, or that
 * somebody is working on, stays.
 * @returns whether it was there and is gone
 */
export function dropUnusedMaildrop(gateway: Gateway, names: TableNames, name: string): Promise<boolean> {
  const { maildrop, ledgerEntry, message, standing, address, login, firstRun } = names;
  return gateway.transaction(async (statements) => {
    const { dialect } = statements;
    const [row] = await statements.rows(
      `SELECT d.id AS id FROM ${maildrop} d WHERE d.name = ? AND d.last_run_at IS NULL AND d.lease_token IS NULL
       AND NOT EXISTS (SELECT 1 FROM ${ledgerEntry} e WHERE e.maildrop_id = d.id)
       AND NOT EXISTS (SELECT 1 FROM ${message} m WHERE m.maildrop_id = d.id)${dialect.forUpdate}`,
      [dialect.exactText(name)],
    );
    if (row === undefined) return false;
    const id = Number(row["id"]);
    for (const table of [standing, address, login, firstRun])
      await statements.run(`DELETE FROM ${table} WHERE maildrop_id = ?`, [id]);
    await statements.run(`DELETE FROM ${maildrop} WHERE id = ?`, [id]);
    return true;
  });
}
