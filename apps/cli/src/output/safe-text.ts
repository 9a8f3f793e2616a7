import { columnsOf, columnsOfGrapheme, graphemesOf, isOneColumnEach } from "@mailonce/content/columns";

/**
 * What a terminal might obey instead of showing: control characters (C0, DEL, C1, which hold every escape sequence's
 * beginning) and lone surrogates, which no encoding has. Invisible characters that letters and emoji are joined or
 * parted with are no danger, and words of many languages are not readable without them.
 */
const UNSAFE = /[\p{Control}\p{Surrogate}]/gu;
const UNSAFE_BUT_LINES = /(?![\n\t])[\p{Control}\p{Surrogate}]/gu;
/** Line ends of every kind: Unicode's line and paragraph separators among them. */
const LINE_END = /\r\n?|[\u2028\u2029]/gu;

/** U+FEFF takes no room within a line. */
const WHITE_SPACE = /[^\S\ufeff]+/gu;

/** Text from outside for one line of a terminal: runs of white space become one space, unsafe characters U+FFFD. */
export function safeLine(text: string): string {
  return withoutTurns(text.replace(WHITE_SPACE, " ").replace(UNSAFE, "\ufffd").trim());
}

/** Text from outside for a terminal, its lines kept; unsafe characters become U+FFFD. */
export function safeBlock(text: string): string {
  const lines = text.replace(LINE_END, "\n").replace(UNSAFE_BUT_LINES, "\ufffd");
  return TURN.test(lines) ? lines.split("\n").map(withoutTurns).join("\n") : lines;
}

/** The characters that turn the direction of what follows them (Unicode annex 9), and those that end that. */
const TURN = /[\u202a-\u202e\u2066-\u2069]/u;
const END_OF_EMBEDDING = "\u202c";
const END_OF_ISOLATE = "\u2069";

interface Turn {
  readonly at: number;
  readonly kind: "embedding" | "override" | "isolate";
}

function kindOf(character: string): Turn["kind"] {
  if (character === "\u202d" || character === "\u202e") return "override";
  return character < "\u2066" ? "embedding" : "isolate";
}

/**
 * A line that cannot change the order in which a terminal shows its letters, or what comes after the line. Overrides,
 * which show letters backwards, become U+FFFD together with their ends, and so do embeddings and isolates that the line
 * does not end itself.
 */
function withoutTurns(line: string): string {
  if (!TURN.test(line)) return line;
  const characters = [...line];
  for (const at of harmfulTurns(characters)) characters[at] = "\ufffd";
  return characters.join("");
}

function harmfulTurns(characters: readonly string[]): readonly number[] {
  const harmful: number[] = [];
  const open: Turn[] = [];
  let isolates = 0;
  for (const [at, character] of characters.entries()) {
    if (!TURN.test(character)) continue;
    if (character === END_OF_EMBEDDING) {
      // It can end nothing that began before the isolate in which it stands.
      const last = open.at(-1);
      if (last === undefined || last.kind === "isolate") continue;
      open.pop();
      if (last.kind === "override") harmful.push(last.at, at);
    } else if (character === END_OF_ISOLATE) {
      if (isolates === 0) continue;
      isolates--;
      // The end of an isolate also ends all that is open within it. Of that, overrides have done harm all the same.
      for (let last = open.pop(); last !== undefined && last.kind !== "isolate"; last = open.pop())
        if (last.kind === "override") harmful.push(last.at);
    } else {
      const kind = kindOf(character);
      if (kind === "isolate") isolates++;
      open.push({ at, kind });
    }
  }
  return [...harmful, ...open.map(({ at }) => at)];
}

/** Safe text in exactly `columns` columns: filled up with spaces, or cut and marked with an ellipsis. */
export function fit(text: string, columns: number): string {
  const shown = cut(text, columns);
  return shown + " ".repeat(Math.max(0, columns - columnsOf(shown)));
}

/** Safe text in at most `columns` columns. */
export function cut(text: string, columns: number): string {
  if (columns === Number.POSITIVE_INFINITY) return text;
  if (columns < 1) return "";
  if (isOneColumnEach(text)) return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
  let width = 0;
  let kept = "";
  let keptWidth = 0;
  for (const grapheme of graphemesOf(text)) {
    const next = width + columnsOfGrapheme(grapheme);
    // Now it is known that the text does not fit, so it ends with what leaves room for the ellipsis.
    if (next > columns) return `${ended(kept)}…${" ".repeat(columns - 1 - keptWidth)}`;
    if (next <= columns - 1) {
      kept += grapheme;
      keptWidth = next;
    }
    width = next;
  }
  return text;
}

/** The beginning of a safe line, with the ends added of what turns its direction: they stood in the part that was cut off. */
function ended(beginning: string): string {
  if (!TURN.test(beginning)) return beginning;
  const characters = [...beginning];
  const ends = harmfulTurns(characters).map((at) =>
    kindOf(characters[at] ?? "") === "isolate" ? END_OF_ISOLATE : END_OF_EMBEDDING,
  );
  return beginning + ends.toReversed().join("");
}
