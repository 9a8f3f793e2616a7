import { type Clause, CUT_TOKEN } from "@mailonce/core/search";
import { keyLists } from "../database/key-lists.ts";
import type { CandidateRequest, Candidates, IndexStatements } from "../database/word-index.ts";
import { compareOctets, octetsOf } from "../values/octets.ts";
import type { Value } from "../values/row.ts";
import { BLOCK, type BlockRow, idAt, idsToken, numberWith, placesOf } from "./word-blocks.ts";
import type { WordTables } from "./word-tables.ts";

/** How many tokens, or rows, there are in a statement: few counts, so that each statement is prepared once. */
const TOKEN_COUNTS = [1, 2, 5, 10, 50, 100, 500] as const;
const PAIR_COUNTS = [1, 10, 50, 200] as const;
/** Blocks that are asked at once: the newest one, then ten times as many as before, and no more than these. */
const MOST_BLOCKS = 100;
/** A clause that a larger part of the messages fulfils leaves too few of them out to be worth a look in each block. */
const MOST_FULFIL = 0.5;

/** A block, and the last id in it. Blocks may overlap. */
interface Block {
  readonly id: number;
  readonly last: Uint8Array;
}

/** A message, by its place in a block. */
interface Hit {
  readonly block: number;
  readonly place: number;
}

/** A look for candidates, the newest first. */
export class BlockLook {
  readonly #statements: IndexStatements;
  readonly #tables: WordTables;
  readonly #request: CandidateRequest;
  /** Those that are asked for in blocks. */
  #clauses: readonly Clause[];
  readonly #found: Uint8Array[] = [];
  /** What is below this id was not looked at in full; null: everything was. */
  #floor: Uint8Array | null = null;

  constructor(statements: IndexStatements, tables: WordTables, request: CandidateRequest) {
    this.#statements = statements;
    this.#tables = tables;
    this.#request = request;
    this.#clauses = request.clauses;
  }

  /** The messages that are in no block yet: some 5 ms for all of them. */
  async atFresh(): Promise<void> {
    const { clauses, before, lowest, limit } = this.#request;
    const conditions = clauses.map(condition);
    const rows = await this.#statements.rows(
      `SELECT message_id AS id FROM ${this.#tables.fresh} WHERE message_id >= ?${before === null ? "" : " AND message_id < ?"}
       AND ${conditions.map(({ sql }) => sql).join(" AND ")} ORDER BY message_id DESC LIMIT ${limit}`,
      [lowest, ...(before === null ? [] : [before]), ...conditions.flatMap(({ values }) => values)],
    );
    this.#found.push(...rows.map((row) => octetsOf(row["id"])));
    if (rows.length === limit) this.#raise(this.#found.at(-1));
  }

  async atBlocks(): Promise<void> {
    const blocks = await this.#blocks();
    for (let at = 0; at < blocks.length; ) {
      const horizon = blocks[at]?.last ?? new Uint8Array(16);
      if (this.#isEnough(horizon)) {
        this.#raise(horizon);
        return;
      }
      const isFirst = at === 0;
      const many = isFirst ? 1 : Math.min(10 * at, MOST_BLOCKS);
      at += await this.#lookInto(blocks.slice(at, at + many), isFirst);
    }
  }

  /** Those that may have what is wanted; the one with the newest message first. */
  async #blocks(): Promise<readonly Block[]> {
    const { before, lowest } = this.#request;
    const rows = await this.#statements.rows(
      `SELECT id, last_id FROM ${this.#tables.blocks}
       WHERE last_id >= ?${before === null ? "" : " AND first_id < ?"} ORDER BY last_id DESC`,
      [lowest, ...(before === null ? [] : [before])],
    );
    return rows.map((row) => ({ id: Number(row["id"]), last: octetsOf(row["last_id"]) }));
  }

  /** Whether there are enough candidates above this id, or nothing below was looked at in full anyway. */
  #isEnough(horizon: Uint8Array): boolean {
    if (this.#floor !== null && compareOctets(this.#floor, horizon) >= 0) return true;
    return this.#found.filter((id) => compareOctets(id, horizon) > 0).length >= this.#request.limit;
  }

  /** Looks into the first of these blocks, until there are enough candidates. @returns into how many it looked */
  async #lookInto(blocks: readonly Block[], isFirst: boolean): Promise<number> {
    const { limit } = this.#request;
    const rows = await this.#rowsOf(blocks);
    const clauses = this.#clauses;
    if (isFirst) this.#leaveOut(blocks.map(({ id }) => rows.get(id) ?? []));
    const hits: Hit[] = [];
    let looked = 0;
    for (const { id } of blocks) {
      if (hits.length >= limit) break;
      looked++;
      for (const place of placesOf(clauses, rows.get(id) ?? [], CUT_TOKEN)) hits.push({ block: id, place });
    }
    await this.#take(hits);
    return looked;
  }

  /**
   * Asks no more for what most messages of these blocks have, like the `com` of an address, save for the rarest clause. Then
   * there are more candidates than need be, never fewer.
   */
  #leaveOut(blocks: readonly (readonly BlockRow[])[]): void {
    const shares = this.#clauses.map((clause) => {
      const numbers = blocks.map((rows) => numberWith(clause, rows, CUT_TOKEN));
      return numbers.reduce((sum, number) => sum + number, 0) / (blocks.length * BLOCK);
    });
    const rarest = shares.indexOf(Math.min(...shares));
    this.#clauses = this.#clauses.filter((_, at) => at === rarest || (shares[at] ?? 0) <= MOST_FULFIL);
  }

  async #take(hits: readonly Hit[]): Promise<void> {
    const { before, lowest } = this.#request;
    const byRow = new Map<string, { readonly block: number; readonly places: number[] }>();
    for (const { block, place } of hits) {
      const name = `${block} ${idsToken(place)}`;
      const known = byRow.get(name);
      if (known === undefined) byRow.set(name, { block, places: [place] });
      else known.places.push(place);
    }
    const wanted = [...byRow.values()].map(({ block, places }) => [block, idsToken(places[0] ?? 0)] as const);
    for (const { sql, values } of pairLists(wanted)) {
      const rows = await this.#statements.rows(
        `SELECT block, token, places FROM ${this.#tables.lists} FORCE INDEX (PRIMARY) WHERE ${sql}`,
        values,
      );
      for (const row of rows)
        for (const place of byRow.get(`${row["block"]} ${row["token"]}`)?.places ?? []) {
          const id = idAt(octetsOf(row["places"]), place);
          if (id === null || compareOctets(id, lowest) < 0) continue;
          if (before === null || compareOctets(id, before) < 0) this.#found.push(id);
        }
    }
  }

  async #rowsOf(blocks: readonly Block[]): Promise<ReadonlyMap<number, readonly BlockRow[]>> {
    const { sql, values } = tokenCondition(this.#clauses);
    const byBlock = new Map<number, BlockRow[]>();
    for (const list of keyLists(blocks.map(({ id }) => id))) {
      const rows = await this.#statements.rows(
        `SELECT block, token, places FROM ${this.#tables.lists} FORCE INDEX (PRIMARY)
         WHERE block IN ${list.sql} AND (${sql})`,
        [...list.values, ...values],
      );
      for (const row of rows) {
        const block = Number(row["block"]);
        const known = byBlock.get(block) ?? [];
        byBlock.set(block, known);
        known.push({ token: String(row["token"]), places: octetsOf(row["places"]) });
      }
    }
    return byBlock;
  }

  #raise(floor: Uint8Array | undefined): void {
    if (floor !== undefined && (this.#floor === null || compareOctets(this.#floor, floor) < 0))
      this.#floor = floor;
  }

  result(): Candidates {
    const floor = this.#floor;
    const { limit } = this.#request;
    const sorted = this.#found.toSorted((one, other) => compareOctets(other, one));
    const keys = sorted.filter(
      (id, at) =>
        (floor === null || compareOctets(id, floor) >= 0) &&
        (at === 0 || compareOctets(id, sorted[at - 1] ?? id) !== 0),
    );
    if (keys.length > limit) return { keys: keys.slice(0, limit), next: keys[limit - 1] ?? null };
    return { keys, next: floor };
  }
}

/** The rows with these tokens. */
function tokenCondition(clauses: readonly Clause[]): {
  readonly sql: string;
  readonly values: readonly Value[];
} {
  const wanted = clauses.flat();
  const whole = [CUT_TOKEN, ...wanted.flatMap(({ token, isStart }) => (isStart ? [] : [token]))];
  const starts = wanted.flatMap(({ token, isStart }) => (isStart ? [token] : []));
  const length = TOKEN_COUNTS.find((fits) => fits >= whole.length) ?? whole.length;
  while (whole.length < length) whole.push(CUT_TOKEN);
  const ranges = starts.map(() => " OR (token >= ? AND token < ?)").join("");
  return {
    sql: `token IN (${whole.map(() => "?").join(",")})${ranges}`,
    // Behind all letters and digits.
    values: [...whole, ...starts.flatMap((start) => [start, `${start}{`])],
  };
}

/** Conditions for rows by block and token, of one of a few lengths. */
function* pairLists(
  pairs: readonly (readonly [number, string])[],
): Generator<{ readonly sql: string; readonly values: readonly Value[] }> {
  const longest = PAIR_COUNTS.at(-1) ?? 1;
  for (let from = 0; from < pairs.length; from += longest) {
    const some = pairs.slice(from, from + longest);
    const length = PAIR_COUNTS.find((fits) => fits >= some.length) ?? longest;
    const last = some.at(-1) ?? [0, ""];
    while (some.length < length) some.push(last);
    yield { sql: some.map(() => "(block = ? AND token = ?)").join(" OR "), values: some.flat() };
  }
}

/** That the row of a message in no block has a token of the clause. */
function condition(clause: Clause): { readonly sql: string; readonly values: readonly Value[] } {
  const values = clause.map(({ token, isStart }) => ` ${token}${isStart ? "" : " "}`);
  const length = TOKEN_COUNTS.find((fits) => fits >= values.length) ?? values.length;
  const last = values.at(-1) ?? "";
  while (values.length < length) values.push(last);
  const all = [...values.map(() => "LOCATE(?, tokens) > 0"), `LOCATE(' ${CUT_TOKEN} ', tokens) > 0`];
  return { sql: `(${all.join(" OR ")})`, values };
}
