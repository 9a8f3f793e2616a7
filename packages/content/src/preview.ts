/** How many characters (UTF-16 code units) a preview has at most. */
const LENGTH = 200;
/** How much of a text is looked at for it. */
const LOOKED_AT = 100_000;
const QUOTED = /^\s*>/;
/** A longer line introduces nothing. */
const LONGEST_INTRODUCTION = 400;
const ENDS_WITH_COLON = /[:：]\s*$/;
/** "On Monday, 1 January, Joe wrote:" */
const BEGINS_WITH_DATE = /^\s*(?:on|am|le|el|il|em|op|den|dnia|w dniu)\s(?=.*\d)/i;
const WROTE =
  /(?:wrote|schrieb|écrit|escribió|scritto|escreveu|schreef|skrev|napisał|kirjoitti)[^:：]{0,80}[:：]\s*$/i;
const ORIGINAL_MESSAGE = /^-{2,}\s?[\p{L} ]{1,40}\s?-{2,}\s*$/u;
const GRAPHEMES = new Intl.Segmenter();
/** Characters that nobody sees: advertisers fill the beginning of a mail with them. */
const UNSEEN = /^\p{Default_Ignorable_Code_Point}*$/u;

/**
 * The beginning of a text, for a list: in one line, without quotations and the lines that introduce them where anything else
 * remains. At most 200 UTF-16 code units; it is not cut within what a person takes for one character.
 */
export function previewOf(text: string): string {
  const beginning = text.slice(0, LOOKED_AT);
  const own = inOneLine(ownLines(beginning.split("\n")).join("\n"));
  return cut(own === "" ? inOneLine(beginning) : own);
}

/** The lines that are no quotation and introduce none. */
function ownLines(lines: readonly string[]): readonly string[] {
  const own: string[] = [];
  let isQuoted = false;
  for (const line of lines) {
    if (QUOTED.test(line)) {
      if (!isQuoted) dropIntroduction(own);
      isQuoted = true;
    } else if (line.trim() !== "") {
      isQuoted = false;
      if (!introduces(line)) own.push(line);
    }
  }
  return own;
}

/** Whether a line says that somebody wrote what follows, in words that need no quotation marks after them. */
function introduces(line: string): boolean {
  if (line.length > LONGEST_INTRODUCTION) return false;
  return ORIGINAL_MESSAGE.test(line) || (BEGINS_WITH_DATE.test(line) && WROTE.test(line));
}

/** Takes off the line before a quotation that ends with a colon, and the beginning of its sentence if that is a line, too. */
function dropIntroduction(own: string[]): void {
  const last = own.at(-1) ?? "";
  if (last.length > LONGEST_INTRODUCTION || !ENDS_WITH_COLON.test(last)) return;
  own.pop();
  const before = own.at(-1) ?? "";
  if (before.length <= LONGEST_INTRODUCTION && !BEGINS_WITH_DATE.test(last) && BEGINS_WITH_DATE.test(before))
    own.pop();
}

function inOneLine(text: string): string {
  return text
    .split(/\s+/)
    .filter((word) => !UNSEEN.test(word))
    .join(" ");
}

function cut(text: string): string {
  if (text.length <= LENGTH) return text;
  let end = 0;
  for (const { index, segment } of GRAPHEMES.segment(text.slice(0, 2 * LENGTH))) {
    if (index + segment.length > LENGTH) break;
    end = index + segment.length;
  }
  // A character with hundreds of marks is cut between two of them.
  return text
    .slice(0, end > 0 ? end : LENGTH)
    .replace(/[\ud800-\udbff]$/, "")
    .trimEnd();
}
