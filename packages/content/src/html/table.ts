import { columnsOf } from "../columns.ts";
import type { BlockWriter } from "./block-writer.ts";

/** One cell of a table, its text written. */
export interface Cell {
  readonly lines: readonly string[];
  /** How many columns it takes. */
  readonly span: number;
  /** How many rows it takes, this one and those below it. */
  readonly rowSpan: number;
  readonly isRightAligned: boolean;
}

export type Row = readonly Cell[];

/** A table that is wider is written one cell after the other. */
const WIDEST = 120;
/** A cell with more lines is taken for a part of a page and not for an entry of a table. */
const MOST_LINES = 6;
const GAP = "  ";

/** Writes a table: in columns if it holds data, otherwise one cell after the other, because it only lays a page out. */
export function writeTable(rows: readonly Row[], writer: BlockWriter): void {
  const filled = withSpannedRows(rows).filter((row) => row.some(({ lines }) => lines.length > 0));
  if (filled.length === 0) return;
  const widths = dataWidths(filled);
  if (widths === null) writeLayout(filled, writer);
  else
    writer.block(
      filled.flatMap((row) => rowLines(row, widths)),
      2,
    );
}

/**
 * The rows, with an empty cell wherever a cell of a row above reaches into them, so that all other cells stand in their
 * columns. Neighbouring empty cells are one: so each row gets at most one more of them than it has cells.
 */
function withSpannedRows(rows: readonly Row[]): readonly Row[] {
  if (!rows.some((row) => row.some(({ rowSpan }) => rowSpan > 1))) return rows;
  /** For each column the first row that is free again. */
  const freeFrom: number[] = [];
  return rows.map((row, at) => {
    const cells: Cell[] = [];
    let column = 0;
    const passTaken = (): void => {
      const first = column;
      while ((freeFrom[column] ?? 0) > at) column++;
      if (column > first) cells.push({ lines: [], span: column - first, rowSpan: 1, isRightAligned: false });
    };
    for (const cell of row) {
      passTaken();
      cells.push(cell);
      const end = column + cell.span;
      // What is wider is written without columns.
      for (; column < Math.min(end, WIDEST); column++)
        freeFrom[column] = Math.max(freeFrom[column] ?? 0, at + cell.rowSpan);
      column = end;
    }
    passTaken();
    return cells;
  });
}

/** The widths of the columns; null if this is no table of data. */
function dataWidths(rows: readonly Row[]): readonly number[] | null {
  const several = rows.filter((row) => row.filter(({ lines }) => lines.length > 0).length > 1);
  if (several.length < 2) return null;
  const widths: number[] = [];
  for (const row of rows) {
    let column = 0;
    for (const { lines, span } of row) {
      if (lines.length > MOST_LINES) return null;
      // What stands across several columns need not fit in one.
      if (span === 1 && row.length > 1) {
        const width = Math.max(0, ...lines.map(columnsOf));
        widths[column] = Math.max(widths[column] ?? 0, width);
      }
      column += span;
      if (column > WIDEST) return null;
    }
  }
  let total = 0;
  for (let column = 0; column < widths.length; column++) {
    widths[column] ??= 0;
    const width = widths[column] ?? 0;
    total += width === 0 ? 0 : width + GAP.length;
  }
  return total - GAP.length > WIDEST ? null : widths;
}

function rowLines(row: Row, widths: readonly number[]): readonly string[] {
  const height = Math.max(0, ...row.map(({ lines }) => lines.length));
  return Array.from({ length: height }, (_, at) => {
    const parts: string[] = [];
    let column = 0;
    for (const cell of row) {
      const room = widthOf(widths.slice(column, column + cell.span));
      column += cell.span;
      if (room > 0 || cell.lines.length > 0)
        parts.push(aligned(cell.lines[at] ?? "", room, cell.isRightAligned));
    }
    return parts.join(GAP).trimEnd();
  });
}

/** The width of several columns together; those in which nothing stands have none, nor a gap. */
function widthOf(widths: readonly number[]): number {
  const used = widths.filter((width) => width > 0);
  return used.reduce((sum, width) => sum + width + GAP.length, 0) - (used.length > 0 ? GAP.length : 0);
}

function aligned(text: string, width: number, isRightAligned: boolean): string {
  const blanks = " ".repeat(Math.max(0, width - columnsOf(text)));
  return isRightAligned ? blanks + text : text + blanks;
}

/** Short cells that stand beside each other stay on one line; what has lines of its own is a block. */
function writeLayout(rows: readonly Row[], writer: BlockWriter): void {
  for (const row of rows) {
    const cells = row.map(({ lines }) => lines).filter((lines) => lines.length > 0);
    const line = cells.map(([first]) => first ?? "").join(GAP);
    if (cells.every((lines) => lines.length === 1) && line.length <= WIDEST) writer.block([line], 1);
    else for (const lines of cells) writer.block(lines, lines.length > 1 ? 2 : 1);
  }
}
