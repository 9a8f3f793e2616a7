import type { Value } from "../values/row.ts";
import type { Statements } from "./gateway.ts";
import type { Inserter, Target } from "./inserter.ts";

/** Rows of one statement. Few counts, so that each statement is prepared once and found again. */
const ROW_COUNTS = [200, 50, 10, 3, 1] as const;

/** More octets than a value takes in a statement beside its own. */
const VALUE_OVERHEAD = 10;

/** Most octets that one unit of a string takes in UTF-8. */
const OCTETS_A_UNIT = 3;

/**
 * Inserts rows by multi-row statements of at most 200 rows and `statements.statementOctets`: for databases to which each
 * statement is a way there and back.
 */
export class RowInserter implements Inserter {
  readonly #statements: Statements;
  readonly #target: Target;
  /** The values of the rows that wait, one row after the other. */
  #values: Value[] = [];
  #octets = 0;

  constructor(statements: Statements, target: Target) {
    this.#statements = statements;
    this.#target = target;
  }

  add(row: readonly Value[]): Promise<void> | undefined {
    const octets = octetsOf(row);
    const full = this.#values.length === ROW_COUNTS[0] * this.#target.columns.length;
    const written =
      full || this.#octets + octets > this.#statements.statementOctets ? this.flush() : undefined;
    for (const value of row) this.#values.push(value);
    this.#octets += octets;
    return written;
  }

  flush(): Promise<void> {
    const values = this.#values;
    this.#values = [];
    this.#octets = 0;
    return this.#insert(values);
  }

  async #insert(values: readonly Value[]): Promise<void> {
    const width = this.#target.columns.length;
    for (let from = 0; from < values.length; ) {
      const rows = (values.length - from) / width;
      const count = ROW_COUNTS.find((fits) => fits <= rows) ?? 1;
      await this.#statements.run(insertOf(this.#target, count), values.slice(from, from + count * width));
      from += count * width;
    }
  }
}

/** The statement that inserts so many rows. */
export function insertOf({ table, columns, suffix = "" }: Target, count: number): string {
  const row = `(${columns.map(() => "?").join(",")})`;
  const values = new Array<string>(count).fill(row).join(",");
  return `INSERT INTO ${table} (${columns.join(",")}) VALUES ${values}${suffix}`;
}

/** Inserts rows that are there already. A column that is null in all of them is left out: it is null by default. */
export async function insertRows(
  statements: Pick<Statements, "inserter">,
  { columns, ...into }: Target,
  rows: readonly (readonly Value[])[],
): Promise<void> {
  if (rows.length === 0) return;
  const isUsed = columns.map((_, at) => rows.some((row) => row[at] !== null));
  const used = columns.filter((_, at) => isUsed[at]);
  const inserter = statements.inserter({ ...into, columns: used });
  for (const row of rows) {
    const written = inserter.add(used.length === columns.length ? row : row.filter((_, at) => isUsed[at]));
    if (written !== undefined) await written;
  }
  const written = inserter.flush();
  if (written !== undefined) await written;
}

/** An upper bound: to count the octets of strings would take longer than to send them. */
function octetsOf(row: readonly Value[]): number {
  let octets = 0;
  for (const value of row) {
    octets += VALUE_OVERHEAD;
    if (typeof value === "string") octets += OCTETS_A_UNIT * value.length;
    else if (value instanceof Uint8Array) octets += value.byteLength;
  }
  return octets;
}
