import { columnsOf } from "@mailonce/content/columns";
import type { DateKind, StoredMessage } from "@mailonce/core";
import { formatDate, formatOctets } from "./format.ts";
import { cut, fit, safeLine } from "./safe-text.ts";
import type { Terminal } from "./terminal.ts";

/** What a row shows of a message, as far as it is known. */
export interface MessageRow
  extends Partial<Pick<StoredMessage, "date" | "dateKind" | "attachments" | "from" | "subject">> {
  readonly octets: number | null;
  /** How deep it stands in its conversation: so far its subject is indented. */
  readonly depth?: number;
}

/** The mark behind a date: `?` if it is in doubt, `*` if it is not the message's own but when a server received it. */
const DATE_MARKS: Readonly<Record<DateKind, string>> = { stated: "", doubtful: "?", received: "*" };
const DATE_COLUMNS = 17;
const OCTETS_COLUMNS = 7;
/** The mark behind the octets of a message whose header says that there is more in it than text. */
const ATTACHMENTS_MARK = "+";
const GAP = "  ";
/** Columns of a line where no terminal says how many there are; --json has everything whole. */
const WIDEST = 200;
/** A terminal of fewer columns has room for little more than the subject. */
const NARROW = 60;
/** Columns by which an answer is indented, and the most that there are. */
const INDENT = 2;
const WIDEST_INDENT = 24;

/** One line: the given first columns, date, octets, from, subject, sized to the terminal. Mail text is made safe. */
export function messageColumns(row: MessageRow, first: readonly string[], terminal: Terminal): string {
  const { date = null, dateKind = null } = row;
  const when = formatDate(date) + (dateKind === null ? "" : DATE_MARKS[dateKind]);
  const octets = `${row.octets === null ? "" : formatOctets(row.octets)}${row.attachments ? ATTACHMENTS_MARK : " "}`;
  const indent = " ".repeat(Math.min(INDENT * (row.depth ?? 0), WIDEST_INDENT));
  const subject = indent + safeLine(row.subject ?? "");
  return columns(first, when, octets, safeLine(row.from ?? ""), subject, terminal);
}

/** The line above. */
export function columnHeads(first: readonly string[], terminal: Terminal): string {
  return columns(first, "DATE", "OCTETS ", "FROM", "SUBJECT", terminal);
}

function columns(
  first: readonly string[],
  date: string,
  octets: string,
  from: string,
  subject: string,
  terminal: Terminal,
): string {
  if (terminal.columns < NARROW) return cut([...first, subject].join(GAP), terminal.columns);
  const head = [...first, date.padEnd(DATE_COLUMNS), octets.padStart(OCTETS_COLUMNS + 1)].join(GAP) + GAP;
  // Files and pipes have no width of their own: lines there are as long as programs for people take well.
  const room = Math.min(terminal.columns, WIDEST) - columnsOf(head) - GAP.length;
  const fromColumns = Math.max(8, Math.min(terminal.outputIsTerminal ? 28 : 48, Math.floor(room * 0.4)));
  return `${head}${fit(nameOf(from, fromColumns), fromColumns)}${GAP}${cut(subject, Math.max(8, room - fromColumns))}`;
}

/** Where name and address do not both fit, the name says more. */
function nameOf(from: string, room: number): string {
  return columnsOf(from) <= room ? from : from.replace(/(?<=.) ?<[^<>]*>$/, "").replace(/^"(.*)"$/, "$1");
}

/**
 * The last part of a message's UUID (48 bits, nearly all of them random): short, and its own for every message. Its
 * beginning would not do: it is a clock, and messages stored together share most of it.
 */
export function shortId(id: string): string {
  return id.slice(-12);
}
