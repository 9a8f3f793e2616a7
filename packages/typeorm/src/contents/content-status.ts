import type { Statements } from "../database/gateway.ts";
import type { TableNames } from "../schema/table-names.ts";
import type { Row } from "../values/row.ts";
import type { State } from "./content-state.ts";
import type { ContentStatus } from "./derived-content.ts";

/** How far the derived rows are: two statements, which go over the messages and their states once. */
export async function contentStatus(
  statements: Statements,
  { message, contentState }: TableNames,
  { parser, attachments }: { readonly parser: number; readonly attachments: boolean },
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
  const complete = sum("complete", (version) => version >= parser);
  // What a later version has made is left as it is.
  const withoutAttachments = sum("made", (version) => (attachments ? version > parser : version >= parser));
  const made = complete + withoutAttachments;
  const claimed = sum("claimed", () => true);
  const failed = sum("failed", (version) => version >= parser);
  return {
    messages,
    made,
    outdated: sum("made", () => true) + sum("complete", () => true) - made,
    waiting: Math.max(0, messages - made - claimed - failed),
    claimed,
    failed,
  };
}
