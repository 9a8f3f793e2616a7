import type { Statements, Value } from "./gateway.ts";

/** Rows of one statement. Few counts, so that each statement is prepared once and found again. */
const ROW_COUNTS = [50, 10, 3, 1] as const;

/** What a value takes in a statement beside its own octets, generously. */
const VALUE_OVERHEAD = 10;

/**
 * Inserts rows of one table by multi-row statements of at most 50 rows and `statements.statementOctets`. Rows come
 * sorted by key: unsorted bulk inserts deadlock.
 */
export class RowInserter {
  readonly #statements: Statements;
  readonly #table: string;
  readonly #columns: readonly string[];
  readonly #suffix: string;
  #rows: (readonly Value[])[] = [];
  #octets = 0;

  /** @param suffix goes after the values, for example what to do with existing keys */
  constructor(statements: Statements, table: string, columns: readonly string[], suffix = "") {
    this.#statements = statements;
    this.#table = table;
    this.#columns = columns;
    this.#suffix = suffix;
  }

  /** Takes the row; what was taken before may be written now. */
  async add(row: readonly Value[]): Promise<void> {
    const octets = octetsOf(row);
    if (this.#rows.length === ROW_COUNTS[0] || this.#octets + octets > this.#statements.statementOctets) {
      await this.flush();
    }
    this.#rows.push(row);
    this.#octets += octets;
  }

  /** Writes what is left. */
  async flush(): Promise<void> {
    const rows = this.#rows;
    this.#rows = [];
    this.#octets = 0;
    for (let from = 0; from < rows.length; ) {
      const count = ROW_COUNTS.find((fits) => fits <= rows.length - from) ?? 1;
      await this.#statements.run(this.#sql(count), rows.slice(from, from + count).flat());
      from += count;
    }
  }

  #sql(count: number): string {
    const row = `(${this.#columns.map(() => "?").join(",")})`;
    const values = new Array<string>(count).fill(row).join(",");
    return `INSERT INTO ${this.#table} (${this.#columns.join(",")}) VALUES ${values}${this.#suffix}`;
  }
}

function octetsOf(row: readonly Value[]): number {
  let octets = 0;
  for (const value of row) {
    octets += VALUE_OVERHEAD;
    if (typeof value === "string") octets += Buffer.byteLength(value);
    else if (value instanceof Uint8Array) octets += value.byteLength;
  }
  return octets;
}
