import type { Dialect } from "../database/dialect.ts";
import type { TableNames } from "../schema/table-names.ts";

/**
 * The statements that spare each new ledger entry two pages somewhere in a large index: nobody reads the one by due
 * time, and in the one by a class's unique-id, which hardly any entry has, the others now stand by age instead of by
 * identity. History: change no statement here, write another migration.
 */
export function lightenIndexes(dialect: Dialect, names: TableNames): readonly string[] {
  return dialect === "sqlite" ? onSqlite(names) : onServer(names);
}

/** Nothing: earlier versions work with these indexes, too. */
export function keepIndexes(): readonly string[] {
  return [];
}

function onServer({ ledgerEntry }: TableNames): readonly string[] {
  const alter = `ALTER TABLE ${ledgerEntry} DROP KEY ${ledgerEntry}_due_ix, DROP KEY ${ledgerEntry}_class_ix,
    ADD KEY ${ledgerEntry}_class_ix (maildrop_id, class_unique_id, first_seen_at)`;
  // MySQL has no DROP KEY IF EXISTS: for a migration that runs again the statement is chosen by what there is.
  return [
    `SET @lighten_indexes = (SELECT IF(COUNT(*) > 0, '${alter}', 'DO 0') FROM information_schema.statistics
     WHERE table_schema = DATABASE() AND table_name = '${ledgerEntry}' AND index_name = '${ledgerEntry}_due_ix')`,
    "PREPARE lighten_indexes FROM @lighten_indexes",
    "EXECUTE lighten_indexes",
    "DEALLOCATE PREPARE lighten_indexes",
  ];
}

function onSqlite({ ledgerEntry }: TableNames): readonly string[] {
  return [
    `DROP INDEX IF EXISTS "${ledgerEntry}_due_ix"`,
    `DROP INDEX IF EXISTS "${ledgerEntry}_class_ix"`,
    `CREATE INDEX "${ledgerEntry}_class_ix" ON "${ledgerEntry}" ("maildrop_id", "class_unique_id", "first_seen_at")`,
  ];
}
