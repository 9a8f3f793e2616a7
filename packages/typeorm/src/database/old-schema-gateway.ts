import type { DataSource } from "typeorm";
import type { Row, Value } from "../values/row.ts";
import type { Dialect } from "./dialect.ts";
import type { Gateway, Statements } from "./gateway.ts";

/** A table of the store that an older version has made without some columns, or not at all. */
interface OldTable {
  readonly name: string;
  /** What stands in its place: it has all columns, null where the table lacks one, and no rows where there is no table. */
  readonly definition: string;
  readonly mentioned: RegExp;
}

/**
 * For who only reads a database that an older version has made: the tables are as they are, and each select finds what
 * this version expects all the same. What is not there yet is null, and a table that is not there is empty. Nothing that
 * selects needs to know of it, whatever is added to the tables later.
 */
export class OldSchemaGateway implements Gateway {
  readonly dialect: Dialect;
  readonly place: string;
  readonly #gateway: Gateway;
  readonly #tables: readonly OldTable[];

  private constructor(gateway: Gateway, tables: readonly OldTable[]) {
    this.#gateway = gateway;
    this.#tables = tables;
    // An index that is to be used may not be there yet.
    this.dialect = { ...gateway.dialect, useIndex: () => "" };
    this.place = gateway.place;
  }

  /** Looks at which of the entities' tables and columns are there. */
  static async of(gateway: Gateway, dataSource: DataSource): Promise<OldSchemaGateway> {
    const there = await columnsThere(gateway);
    const { database = "" } = dataSource.driver;
    const schema = gateway.dialect.schemaOf(database);
    const tables = dataSource.entityMetadatas.flatMap(({ tableName, columns }): OldTable[] => {
      // Some servers keep tables' names in lower case (lower_case_table_names).
      const found = there.get(tableName) ?? there.get(tableName.toLowerCase());
      const lacking = columns
        .map((column) => column.databaseName)
        .filter((name) => found?.has(name) !== true);
      if (lacking.length === 0) return [];
      const nulls = lacking.map((name) => `NULL AS ${name}`).join(", ");
      return [
        {
          name: tableName,
          definition:
            found === undefined
              ? `SELECT ${nulls} FROM (SELECT 1 AS one) AS none WHERE 1 = 0`
              : `SELECT t.*, ${nulls} FROM ${schema}.${tableName} t`,
          mentioned: new RegExp(`\\b${tableName}\\b`),
        },
      ];
    });
    return new OldSchemaGateway(gateway, tables);
  }

  read<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    return this.#gateway.read((statements) => work(this.#adapted(statements)));
  }

  transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    return this.#gateway.transaction((statements) => work(this.#adapted(statements)));
  }

  change(sql: string, values: readonly Value[]): Promise<number> {
    return this.#gateway.change(sql, values);
  }

  close(): Promise<void> {
    return this.#gateway.close();
  }

  #adapted(statements: Statements): Statements {
    return new OldSchemaStatements(statements, this.dialect, this.#tables);
  }
}

class OldSchemaStatements implements Statements {
  readonly dialect: Dialect;
  readonly statementOctets: number;
  readonly #statements: Statements;
  readonly #tables: readonly OldTable[];

  constructor(statements: Statements, dialect: Dialect, tables: readonly OldTable[]) {
    this.#statements = statements;
    this.#tables = tables;
    this.dialect = dialect;
    this.statementOctets = statements.statementOctets;
  }

  rows(sql: string, values: readonly Value[]): Promise<readonly Row[]> {
    const { forUpdate } = this.dialect;
    // A lock is taken on the table itself, by columns that were always there.
    const isLock = forUpdate !== "" && sql.endsWith(forUpdate);
    return this.#statements.rows(isLock ? sql : adapted(sql, this.#tables), values);
  }

  run(sql: string, values: readonly Value[]): Promise<number> {
    return this.#statements.run(sql, values);
  }
}

/** The select with what stands in the place of tables in front, under their names. */
function adapted(sql: string, tables: readonly OldTable[]): string {
  const views = tables
    .filter(({ mentioned }) => mentioned.test(sql))
    .map(({ name, definition }) => `${name} AS (${definition})`);
  return views.length === 0 ? sql : `WITH ${views.join(", ")} ${sql}`;
}

/** The columns of all tables, by table. */
async function columnsThere(gateway: Gateway): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const rows = await gateway.read((statements) => statements.rows(gateway.dialect.columnsThere, []));
  const there = new Map<string, Set<string>>();
  for (const row of rows) {
    const table = String(row["in_table"]);
    const columns = there.get(table) ?? new Set();
    there.set(table, columns.add(String(row["is_column"])));
  }
  return there;
}
