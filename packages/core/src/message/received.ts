import { type MessageDate, readDate } from "./date.ts";
import { fieldStart, nextField, nextLine } from "./header-fields.ts";

const RECEIVED = fieldStart(["received"]);
/** The date stands at the end of the field. */
const MAX_LENGTH = 500;
/** A topmost field without a date is passed over, but not any number of them. */
const MAX_FIELDS = 5;

/** When the message arrived, by the topmost Received field of the block (as ISO 8859-1) that has a date (RFC 5321 section 4.4). */
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
