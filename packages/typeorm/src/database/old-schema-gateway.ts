import type { DataSource } from "typeorm";
import type { TableNames } from "../schema/table-names.ts";
import type { Gateway, Statements } from "./gateway.ts";
import { missingIndex } from "./word-index.ts";

/** A table of the store that an older version has made without some columns, or not at all. */
interface OldTable {
  readonly name: string;
  /** What stands in its place: it has all columns, null where the table lacks one, and no rows where there is no table. */
  readonly definition: string;
  readonly mentioned: RegExp;
}

/**
 * For who only reads a database that an older version has made: the tables stay as they are, and each select finds what
 * this version expects all the same. A column that is not there yet is null, and a table that is not there is empty. No
 * select needs to know of it, whatever is added to the tables later.
 */
export async function oldSchemaGateway(
  gateway: Gateway,
  dataSource: DataSource,
  { messageWords }: TableNames,
): Promise<Gateway> {
  const there = await columnsThere(gateway);
  const tables = oldTables(gateway, dataSource, there);
  // An index that is to be used may not be there yet.
  const isSearchable = columnsOf(there, gateway.dialect.words.newestTable(messageWords)) !== undefined;
  const words = isSearchable ? gateway.dialect.words : missingIndex(gateway.place);
  const dialect = { ...gateway.dialect, useIndex: () => "", words };
  const adapt = (statements: Statements): Statements => ({
    dialect,
    statementOctets: statements.statementOctets,
    rows: (sql, values) => statements.rows(adapted(sql, tables, dialect.forUpdate), values),
    run: (sql, values) => statements.run(sql, values),
    inserter: (target) => statements.inserter(target),
  });
  return {
    dialect,
    place: gateway.place,
    read: (work) => gateway.read((statements) => work(adapt(statements))),
    transaction: (work) => gateway.transaction((statements) => work(adapt(statements))),
    change: (sql, values) => gateway.change(sql, values),
    close: () => gateway.close(),
  };
}

/** Looks at which of the entities' tables and columns are there. */
function oldTables(gateway: Gateway, dataSource: DataSource, there: Columns): readonly OldTable[] {
  const schema = gateway.dialect.schemaOf(dataSource.driver.database ?? "");
  return dataSource.entityMetadatas.flatMap(({ tableName, columns }): OldTable[] => {
    const found = columnsOf(there, tableName);
    const lacking = columns.map((column) => column.databaseName).filter((name) => found?.has(name) !== true);
    if (lacking.length === 0) return [];
    const nulls = lacking.map((name) => `NULL AS ${name}`).join(", ");
    const definition =
      found === undefined
        ? `SELECT ${nulls} FROM (SELECT 1 AS one) AS none WHERE 1 = 0`
        : `SELECT t.*, ${nulls} FROM ${schema}.${tableName} t`;
    return [{ name: tableName, definition, mentioned: new RegExp(`\\b${tableName}\\b`) }];
  });
}

/** The select with what stands in the place of tables in front, under their names. */
function adapted(sql: string, tables: readonly OldTable[], forUpdate: string): string {
  // A lock is taken on the table itself, by columns that were always there.
  if (forUpdate !== "" && sql.endsWith(forUpdate)) return sql;
  const views = tables
    .filter(({ mentioned }) => mentioned.test(sql))
    .map(({ name, definition }) => `${name} AS (${definition})`);
  return views.length === 0 ? sql : `WITH ${views.join(", ")} ${sql}`;
}

/** The columns of all tables, by table. */
type Columns = ReadonlyMap<string, ReadonlySet<string>>;

/** Some servers keep tables' names in lower case (lower_case_table_names). */
function columnsOf(there: Columns, table: string): ReadonlySet<string> | undefined {
  return there.get(table) ?? there.get(table.toLowerCase());
}

async function columnsThere(gateway: Gateway): Promise<Columns> {
  const rows = await gateway.read((statements) => statements.rows(gateway.dialect.columnsThere, []));
  const there = new Map<string, Set<string>>();
  for (const row of rows) {
    const table = String(row["in_table"]);
    const columns = there.get(table) ?? new Set();
    there.set(table, columns.add(String(row["is_column"])));
  }
  return there;
}
