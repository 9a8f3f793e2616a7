import { type Clause, CUT_TOKEN } from "@mailonce/core/search";
import { insertRows } from "../database/row-inserter.ts";
import type { CandidateRequest, Candidates, IndexStatements, WordIndex } from "../database/word-index.ts";
import { octetsOf } from "../values/octets.ts";
import type { Row, Value } from "../values/row.ts";

/** Rows whose tokens are looked through in one statement (some 5 ms), and in one call. */
const STRETCH = 1000;
const MOST_LOOKED = 20_000;
/** More clauses are left to who looks at the candidates. */
const MAX_CLAUSES = 4;
/** How many tokens a clause has in a statement: few counts, so that each statement is prepared once. */
const CLAUSE_LENGTHS = [1, 2, 5, 50] as const;

/** What it takes, in microseconds: to look through a row, to take a row from the index, and to ask it at all. */
const LOOK_COST = 5;
const INDEX_COST = 15;
const ASK_COST = 2000;

/** Tokens have from 4 to 60 characters: a server that was told to index others only does not have all of them in its index. */
const SHORTEST = 4;
const LONGEST = 60;

/**
 * InnoDB's full text. Its index takes each row with each word that is asked for, and all of them before the first one comes back:
 * words that every third message has take seconds. So the newest rows are looked through first, which have such words
 * soon enough, and show how frequent each word is; the index is asked where that is the shorter way.
 *
 * Deleted rows leave entries in the index, which InnoDB passes over, until OPTIMIZE TABLE removes them.
 */
export const MYSQL_WORD_INDEX: WordIndex = {
  async insert(statements, table, version, rows) {
    // A space before and behind each, by which they are looked through.
    await insertRows(
      statements,
      { table, columns: ["message_id", "version", "tokens"] },
      rows.map(({ key, tokens }) => [key, version, ` ${tokens.join(" ")} `]),
    );
  },

  async candidates(statements, table, request): Promise<Candidates> {
    const clauses = request.clauses.slice(0, MAX_CLAUSES);
    const look = new Look(statements, table, { ...request, clauses });
    await look.onward();
    const way = look.isDone ? null : await shorterWay(statements, table, look, request.limit);
    if (way !== null) return fromIndex(statements, table, request, way);
    while (!look.isDone) await look.onward();
    return look.result();
  },
};

/** A look through the newest rows. */
class Look {
  readonly #statements: IndexStatements;
  readonly #table: string;
  readonly #request: CandidateRequest;
  readonly #found: Uint8Array[] = [];
  /** The last row that was looked at; null: all were. */
  #last: Uint8Array | null;
  #isOver = false;
  looked = 0;
  /** How many rows have a token of each clause. */
  readonly counts: number[];

  constructor(statements: IndexStatements, table: string, request: CandidateRequest) {
    this.#statements = statements;
    this.#table = table;
    this.#request = request;
    this.#last = request.before;
    this.counts = request.clauses.map(() => 0);
  }

  get clauses(): readonly Clause[] {
    return this.#request.clauses;
  }

  get found(): number {
    return this.#found.length;
  }

  get isDone(): boolean {
    return this.#isOver || this.#found.length >= this.#request.limit || this.looked >= MOST_LOOKED;
  }

  async onward(): Promise<void> {
    const conditions = this.clauses.map(condition);
    const { lowest } = this.#request;
    const rows = await this.#statements.rows(
      `SELECT message_id AS id, ${conditions.map(({ sql }, at) => `${sql} AS c${at}`).join(", ")}
       FROM ${this.#table} WHERE message_id >= ?${this.#last === null ? "" : " AND message_id < ?"}
       ORDER BY message_id DESC LIMIT ${STRETCH}`,
      [...conditions.flatMap(({ values }) => values), lowest, ...(this.#last === null ? [] : [this.#last])],
    );
    for (const row of rows) this.#count(row);
    this.looked += rows.length;
    this.#isOver = rows.length < STRETCH;
  }

  #count(row: Row): void {
    const key = octetsOf(row["id"]);
    this.#last = key;
    let holds = true;
    for (const at of this.counts.keys())
      if (Number(row[`c${at}`]) === 0) holds = false;
      else this.counts[at] = (this.counts[at] ?? 0) + 1;
    if (holds) this.#found.push(key);
  }

  result(): Candidates {
    const { limit } = this.#request;
    const keys = this.#found.slice(0, limit);
    if (this.#found.length > limit) return { keys, next: keys.at(-1) ?? null };
    return { keys, next: this.#isOver ? null : this.#last };
  }
}

/** The clauses for which to ask the index; null: to look through more rows is the shorter way. */
async function shorterWay(
  statements: IndexStatements,
  table: string,
  { clauses, counts, looked, found }: Look,
  limit: number,
): Promise<readonly Clause[] | null> {
  // What was not seen at all may be half as frequent as what was seen once.
  const shares = counts.map((count) => Math.max(count, 0.5) / looked);
  const rarest = Math.min(...shares);
  const asked = clauses.filter((_, at) => (shares[at] ?? 1) <= Math.max(rarest, 0.01));
  const inIndex = shares
    .filter((share) => share <= Math.max(rarest, 0.01))
    .reduce((sum, one) => sum + one, 0);
  const server = await serverOf(statements, table);
  const toLook = Math.min(server.rows, (limit * looked) / Math.max(found, 0.5)) * LOOK_COST;
  const toAsk = server.rows * inIndex * INDEX_COST + ASK_COST;
  return server.hasAllTokens && toAsk < toLook ? asked : null;
}

async function serverOf(
  statements: IndexStatements,
  table: string,
): Promise<{ readonly rows: number; readonly hasAllTokens: boolean }> {
  const [row] = await statements.rows(
    `SELECT @@innodb_ft_min_token_size AS shortest, @@innodb_ft_max_token_size AS longest, table_rows AS number
     FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?`,
    [table],
  );
  const hasAllTokens = Number(row?.["shortest"]) <= SHORTEST && Number(row?.["longest"]) >= LONGEST;
  return { rows: Math.max(STRETCH, Number(row?.["number"] ?? 0)), hasAllTokens };
}

/** Candidates from the index, and those that had too many tokens; the clauses that it was not asked for decide, too. */
async function fromIndex(
  statements: IndexStatements,
  table: string,
  { clauses, before, lowest, limit }: CandidateRequest,
  asked: readonly Clause[],
): Promise<Candidates> {
  const others = clauses
    .slice(0, MAX_CLAUSES)
    .filter((clause) => !asked.includes(clause))
    .map(condition);
  const range = `message_id >= ?${before === null ? "" : " AND message_id < ?"}`;
  const ends: readonly Value[] = before === null ? [lowest] : [lowest, before];
  const select = (more: string): string =>
    `(SELECT message_id AS id FROM ${table} WHERE MATCH (tokens) AGAINST (? IN BOOLEAN MODE) AND ${range}${more}
      ORDER BY message_id DESC LIMIT ${limit})`;
  const rows = await statements.rows(
    `${select(others.map(({ sql }) => ` AND ${sql}`).join(""))} UNION ${select("")} ORDER BY id DESC LIMIT ${limit}`,
    [
      ...[asked.map(expression).join(" "), ...ends, ...others.flatMap(({ values }) => values)],
      ...[`+${CUT_TOKEN}`, ...ends],
    ],
  );
  const keys = rows.map((row) => octetsOf(row["id"]));
  return { keys, next: rows.length < limit ? null : (keys.at(-1) ?? null) };
}

/** Of the boolean mode. A clause of one token is no group: groups take several times as long. */
function expression(clause: Clause): string {
  const tokens = clause.map(({ token, isStart }) => `${token}${isStart ? "*" : ""}`);
  return tokens.length === 1 ? `+${tokens.join("")}` : `+(${tokens.join(" ")})`;
}

/** The same as a condition on the row's text. */
function condition(clause: Clause): { readonly sql: string; readonly values: readonly Value[] } {
  const values = clause.map(({ token, isStart }) => ` ${token}${isStart ? "" : " "}`);
  const length = CLAUSE_LENGTHS.find((fits) => fits >= values.length) ?? values.length;
  const last = values.at(-1) ?? "";
  while (values.length < length) values.push(last);
  const all = [...values.map(() => "LOCATE(?, tokens) > 0"), `LOCATE(' ${CUT_TOKEN} ', tokens) > 0`];
  return { sql: `(${all.join(" OR ")})`, values };
}
