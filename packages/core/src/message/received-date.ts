import { type MessageDate, readDate } from "./date.ts";
import { fieldStart, nextField, nextLine } from "./header-fields.ts";

const RECEIVED = fieldStart(["received"]);
/** How many characters at the end of a field are read: the date stands there. */
const MAX_LENGTH = 500;
/** How many fields are read until one has a date. */
const MAX_FIELDS = 5;

/** The date of the topmost Received field that has one (RFC 5321 section 4.4), in a header block as ISO 8859-1. */
export function receivedDate(block: string): MessageDate | null {
  let fields = 0;
  for (let start = 0; start < block.length && fields < MAX_FIELDS; ) {
    RECEIVED.lastIndex = start;
    if (!RECEIVED.test(block)) {
      start = nextLine(block, start);
      continue;
    }
    fields++;
    const end = nextField(block, start);
    const value = block.slice(Math.max(RECEIVED.lastIndex, end - MAX_LENGTH), end);
    const semicolon = value.lastIndexOf(";");
    const date = semicolon < 0 ? null : readDate(value.slice(semicolon + 1).trim());
    if (date !== null) return date;
    start = end;
  }
  return null;
}
