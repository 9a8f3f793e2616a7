import type { Statements } from "../database/gateway.ts";
import type { TableNames } from "../schema/table-names.ts";
import type { Row } from "../values/row.ts";
import type { State } from "./content-state.ts";
import type { ContentStatus } from "./derived-content.ts";

/** How far the derived rows are: two statements, which go over the messages and their states once. */
export async function contentStatus(
  statements: Statements,
  { message, contentState }: TableNames,
  parser: number,
): Promise<ContentStatus> {
  const states = await statements.rows(
    `SELECT state, parser, COUNT(*) AS number FROM ${contentState} GROUP BY state, parser`,
    [],
  );
  const [all] = await statements.rows(`SELECT COUNT(*) AS number FROM ${message}`, []);
  const sum = (state: State, isCounted: (version: number) => boolean): number =>
    states
      .filter((row) => row["state"] === state && isCounted(Number(row["parser"])))
      .reduce((total: number, row: Row) => total + Number(row["number"]), 0);
  const messages = Number(all?.["number"] ?? 0);
  const made = sum("made", (version) => version >= parser);
  const claimed = sum("claimed", () => true);
  const failed = sum("failed", (version) => version >= parser);
  return {
    messages,
    made,
    outdated: sum("made", (version) => version < parser),
    waiting: Math.max(0, messages - made - claimed - failed),
    claimed,
    failed,
  };
}
