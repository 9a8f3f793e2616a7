/** What stands before the lines of a quotation, or of an item of a list. */
interface Prefix {
  /** What stands before the first line: the mark of an item. Null once it is written, and for quotations. */
  first: string | null;
  readonly rest: string;
}

/** Deeper quotations and lists are not marked further: each line would grow with the depth. */
const MOST_PREFIXES = 12;
/** One empty line between blocks is enough. */
const MOST_BREAKS = 2;
const WHITE_SPACE = /[ \t\n\r\f]+/g;
/** Characters that only take room or are invisible. A line of nothing else is empty. */
const BLANK = /^[\s\p{Default_Ignorable_Code_Point}]*$/u;

/** Writes lines: text in blocks, behind the marks of quotations and lists. */
export class BlockWriter {
  readonly #lines: string[] = [];
  readonly #prefixes: Prefix[] = [];
  /** How many prefixes were asked for beyond the most that are written. */
  #unmarked = 0;
  #line: string[] = [];
  /** The prefix of the line that is being written. */
  #linePrefix = "";
  #endsWithSpace = true;
  /** How many line ends are to be written before the next text. */
  #breaks = 0;
  /** How many prefixes the empty lines among these have. */
  #breakLevel = 0;
  /** Whether all of these are written, as they stand in preformatted text. */
  #breaksAreExact = false;
  #lastIsEmpty = false;
  #hasText = false;

  /** True if nothing was written that can be seen. */
  get isEmpty(): boolean {
    return !this.#hasText;
  }

  /** Adds text whose runs of white space are one blank each. */
  text(text: string): void {
    const collapsed = text.replace(WHITE_SPACE, " ");
    const shown =
      collapsed.startsWith(" ") && (this.#breaks > 0 || this.#endsWithSpace) ? collapsed.slice(1) : collapsed;
    if (shown === "") return;
    this.#begin();
    this.#line.push(shown);
    this.#endsWithSpace = shown.endsWith(" ");
    if (!this.#hasText) this.#hasText = !BLANK.test(shown);
  }

  /** Adds text as it stands, line ends included. */
  preformatted(text: string): void {
    for (const [at, line] of text.split("\n").entries()) {
      if (at > 0) {
        this.#break(this.#breaks + 1);
        this.#breaksAreExact = true;
      }
      if (line === "") continue;
      this.#begin();
      this.#line.push(line.replaceAll("\r", ""));
      this.#endsWithSpace = line.endsWith(" ");
      this.#hasText ||= !BLANK.test(line);
    }
  }

  /** Adds text right after what was written last, although a block may have ended there. */
  append(text: string): void {
    if (this.#line.length === 0) this.#begin();
    else if (!this.#endsWithSpace) this.#line.push(" ");
    this.#line.push(text);
    this.#endsWithSpace = false;
    this.#hasText = true;
  }

  /** Adds whole lines as a block. */
  block(lines: readonly string[], distance: 1 | 2): void {
    this.endBlock(distance);
    for (const line of lines) {
      this.#begin();
      this.#line.push(line);
      this.#hasText ||= line !== "";
      this.#break(1);
    }
    this.endBlock(distance);
  }

  /** Begins or ends a block; `distance` 2 leaves an empty line. */
  endBlock(distance: 1 | 2): void {
    this.#break(Math.max(this.#breaks, distance));
  }

  /** `<br>`: ends the line, or leaves an empty one. */
  lineBreak(): void {
    this.#break(Math.max(this.#breaks, Math.min(this.#breaks + 1, MOST_BREAKS)));
  }

  /** From now on lines stand behind a prefix; `first` is that of the first line. */
  indent(rest: string, first: string | null = null): void {
    if (this.#prefixes.length >= MOST_PREFIXES) this.#unmarked++;
    else this.#prefixes.push({ first, rest });
  }

  outdent(): void {
    if (this.#unmarked > 0) this.#unmarked--;
    else this.#prefixes.pop();
    this.#breakLevel = Math.min(this.#breakLevel, this.#prefixes.length);
  }

  /** All lines; no empty ones at the beginning and the end. */
  finish(): string[] {
    this.#flush();
    const lines = this.#lines;
    let end = lines.length;
    while (end > 0 && lines[end - 1] === "") end--;
    let start = 0;
    while (start < end && lines[start] === "") start++;
    return lines.slice(start, end);
  }

  #break(breaks: number): void {
    this.#breakLevel =
      this.#breaks === 0 ? this.#prefixes.length : Math.min(this.#breakLevel, this.#prefixes.length);
    this.#breaks = breaks;
  }

  /** Makes ready for text: ends the line before it, where there is one. */
  #begin(): void {
    if (this.#breaks > 0) {
      this.#flush();
      const prefixes = this.#prefixes.slice(0, this.#breakLevel).map(({ rest }) => rest);
      const most = this.#breaksAreExact ? this.#breaks : Math.min(this.#breaks, MOST_BREAKS);
      for (let count = 1; count < most; count++) this.#pushEmpty(prefixes.join("").trimEnd());
      this.#breaks = 0;
      this.#breaksAreExact = false;
    }
    if (this.#line.length > 0) return;
    this.#endsWithSpace = true;
    this.#linePrefix = this.#prefixes.map((prefix) => this.#use(prefix)).join("");
  }

  #use(prefix: Prefix): string {
    const text = prefix.first ?? prefix.rest;
    prefix.first = null;
    return text;
  }

  #flush(): void {
    if (this.#line.length === 0) return;
    const text = this.#line.join("").replaceAll("\u00a0", " ");
    this.#line = [];
    this.#endsWithSpace = true;
    if (BLANK.test(text)) {
      this.#pushEmpty(this.#linePrefix.trimEnd());
      return;
    }
    this.#lines.push(this.#linePrefix + withoutFiller(text));
    this.#lastIsEmpty = false;
  }

  /** Outside of preformatted text no two empty lines follow each other. */
  #pushEmpty(line: string): void {
    if (!this.#lastIsEmpty || this.#breaksAreExact) this.#lines.push(line);
    this.#lastIsEmpty = true;
  }
}

/** Blanks, and the invisible characters that keep the preview of a mail empty behind its first words. */
const FILLER = /\u034f|[\s\u00ad\u200b-\u200d\u2060\ufeff]/;

/** Without the blanks at its end, and without what is invisible after the first of these. */
function withoutFiller(text: string): string {
  let end = text.length;
  for (let at = text.length - 1; at >= 0 && FILLER.test(text[at] ?? ""); at--)
    if (/\s/.test(text[at] ?? "")) end = at;
  return text.slice(0, end);
}
