import { WORDS_VERSION } from "@mailonce/core/words";
import type { Statements } from "../database/gateway.ts";
import type { TableNames } from "../schema/table-names.ts";
import { compareOctets, octetsOf } from "../values/octets.ts";
import type { Value } from "../values/row.ts";
import { readMark } from "./content-mark.ts";
import { fromStates } from "./content-state.ts";

/** More are not looked at one by one. */
const MOST = 1000;

/**
 * The messages whose words the index does not have, before one, in no order; null if there may be more than a few of them. What a wrong
 * clock has put where everything was read is among them only once it was found there (`content-mark.ts`).
 */
export async function unreadMessages(
  statements: Statements,
  names: TableNames,
  before: Uint8Array | null,
): Promise<readonly Uint8Array[] | null> {
  const mark = await readMark(statements, names);
  if (mark === null || compareOctets(mark.gapFrom, mark.gapTo) < 0) return null;
  const keys: Uint8Array[] = [];
  const find = async (select: string, column: string, values: readonly Value[]): Promise<void> => {
    const [below, end] = before === null ? ["", []] : [` AND ${column} < ?`, [before]];
    const rows = await statements.rows(`${select}${below} LIMIT ${MOST + 1}`, [...values, ...end]);
    keys.push(...rows.map((row) => octetsOf(row["id"])));
  };
  const { message, contentState, messageWords } = names;
  for (const state of ["claimed", "released", "tried", "failed"])
    await find(
      `SELECT s.message_id AS id ${fromStates(statements, names)} WHERE s.state = ?`,
      "s.message_id",
      [state],
    );
  await find(
    `SELECT m.id AS id FROM ${message} m LEFT JOIN ${contentState} s ON s.message_id = m.id
     WHERE m.id > ? AND s.message_id IS NULL`,
    "m.id",
    [mark.upTo],
  );
  await find(`SELECT w.message_id AS id FROM ${messageWords} w WHERE w.version < ?`, "w.message_id", [
    WORDS_VERSION,
  ]);
  return keys.length > MOST ? null : keys;
}
