/** Quotation marks before a line. RFC 3676 has them without blanks; with blanks many programs write them. */
const QUOTED = /^>(?: ?>)*/;
const SIGNATURE = "-- ";

interface FlowedLine {
  /** How deep it is quoted. */
  readonly depth: number;
  readonly text: string;
  /** The next line goes on with its sentence. */
  readonly isFlowed: boolean;
}

/**
 * Puts paragraphs together again that were sent in lines that end with a blank (RFC 3676, `format=flowed`).
 * @param text lines parted by LF
 * @param deletesSpace `delsp=yes`: that blank is no part of the text
 */
export function unflow(text: string, deletesSpace: boolean): string {
  const paragraphs: string[] = [];
  let parts: string[] = [];
  let before: FlowedLine | null = null;
  const end = (): void => {
    if (before !== null) paragraphs.push(quotation(before.depth, parts.join("")));
    parts = [];
  };
  for (const written of text.split("\n")) {
    const line = readLine(written, deletesSpace);
    // A line of another depth is not the rest of a quoted sentence, and nothing flows into a signature.
    const goesOn = before?.isFlowed && before.depth === line.depth && line.text !== SIGNATURE;
    if (!goesOn) end();
    parts.push(line.text);
    before = line;
  }
  end();
  return paragraphs.join("\n");
}

function readLine(written: string, deletesSpace: boolean): FlowedLine {
  const [marks = ""] = QUOTED.exec(written) ?? [];
  const depth = marks.replaceAll(" ", "").length;
  // RFC 3676 section 4.4: a blank was put before lines that might be taken for something else.
  const text = written.slice(marks.length).replace(/^ /, "");
  const isFlowed = text.endsWith(" ") && text !== SIGNATURE;
  return { depth, text: isFlowed && deletesSpace ? text.slice(0, -1) : text, isFlowed };
}

function quotation(depth: number, text: string): string {
  if (depth > 0) return `${">".repeat(depth)} ${text}`.trimEnd();
  return text === SIGNATURE ? text : text.trimEnd();
}
