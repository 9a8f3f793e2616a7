import { BlockWriter } from "./block-writer.ts";
import { type ElementKind, kindOf } from "./elements.ts";
import { HiddenClasses } from "./hidden-classes.ts";
import { Link } from "./link.ts";
import { type List, listOf, nextMark } from "./list.ts";
import { OpenElements, type OpenTable, type Surroundings } from "./open-elements.ts";
import { type Style, styleOf } from "./style.ts";
import { writeTable } from "./table.ts";
import type { Attributes, TokenHandler } from "./tokens.ts";

/** What the beginning of an element changes for all that stands in it, and what its end does. */
interface Begun {
  readonly list?: List | null;
  readonly link?: Link | null;
  readonly table?: OpenTable | null;
  readonly end?: () => void;
}

const NOTHING_BEGUN: Begun = {};

/** Tables deeper within tables are read as blocks, because each table writes the lines of those within it once more. */
const DEEPEST_TABLE = 12;
const LONGEST_RULE = 40;
const MOST_SPANNED = 100;
const MOST_ROWS_SPANNED = 1000;

/** Writes the text of HTML as its tags and texts are read. */
export class HtmlReader implements TokenHandler {
  readonly #showsHidden: boolean;
  readonly #itemCounts: readonly number[];
  /** How many ordered lists have begun so far, shown or not. */
  #orderedLists = 0;
  readonly #open = new OpenElements();
  #tooDeep = 0;
  #writer = new BlockWriter();
  readonly #hiddenClasses = new HiddenClasses();
  /** What was read so far of a style sheet; null outside of one. */
  #sheet: string[] | null = null;
  /** True right after `<pre>`: a line end there does not count. */
  #skipsLineEnd = false;

  /**
   * @param showsHidden what style sheets hide is shown, too
   * @param itemCounts how many items each ordered list has, in their order
   */
  constructor(showsHidden: boolean, itemCounts: readonly number[]) {
    this.#showsHidden = showsHidden;
    this.#itemCounts = itemCounts;
  }

  /** The lines of all that was read. */
  finish(): string[] {
    this.#open.endAll();
    return this.#writer.finish();
  }

  text(text: string): void {
    const { isHidden, hasNoSize, isPreformatted, link } = this.#open.around;
    this.#sheet?.push(text);
    if (isHidden || (hasNoSize && !this.#showsHidden)) return;
    link?.addText(text);
    if (!isPreformatted) {
      this.#writer.text(text);
      return;
    }
    const shown = this.#skipsLineEnd ? text.replace(/^\r?\n/, "") : text;
    this.#skipsLineEnd = false;
    this.#writer.preformatted(shown);
  }

  open(name: string, attributes: Attributes): void {
    const kind = kindOf(name);
    if (name === "ol") this.#orderedLists++;
    if (kind === "void") {
      this.#void(name, attributes);
      return;
    }
    this.#open.beforeBeginning(name, kind);
    // Style sheets are left out however deep they stand.
    const isLeftOut = kind === "unshown" && !this.#open.around.isHidden;
    if (this.#open.isFull && !isLeftOut) {
      this.#tooDeep++;
      if (kind !== "inline" && kind !== "link" && !this.#open.around.isHidden) this.#writer.endBlock(1);
      return;
    }
    this.#begin(name, kind, attributes);
  }

  close(name: string): void {
    const kind = kindOf(name);
    if (name === "br") this.#writer.lineBreak();
    if (name === "p" && !this.#open.has("p")) this.#writer.endBlock(2);
    if (kind === "void") return;
    if (name === "style" && this.#sheet !== null) {
      this.#hiddenClasses.read(this.#sheet.join(""));
      this.#sheet = null;
    }
    if (this.#tooDeep > 0 && !(kind === "unshown" && this.#open.has(name))) {
      this.#tooDeep--;
      if (kind !== "inline" && kind !== "link") this.#writer.endBlock(1);
      return;
    }
    this.#open.end(name, kind);
  }

  #begin(name: string, kind: ElementKind, attributes: Attributes): void {
    const around = this.#open.around;
    const style = styleOf(attributes);
    if (name === "style") this.#sheet = [];
    const isHidden =
      around.isHidden ||
      kind === "unshown" ||
      ((style.isHidden || this.#hiddenClasses.has(attributes.class ?? "")) &&
        !this.#showsHidden &&
        name !== "body" &&
        name !== "html");
    const within: Surroundings = {
      isHidden,
      hasNoSize: style.hasNoSize ?? around.hasNoSize,
      isPreformatted: kind === "preformatted" || (style.isPreformatted ?? around.isPreformatted),
      isRightAligned: kind === "cell" ? style.isRightAligned : around.isRightAligned,
      list: around.list,
      link: around.link,
      table: around.table,
    };
    const begun = isHidden ? NOTHING_BEGUN : this.#beginShown(name, kind, attributes, within, style);
    // Written out, for a message may have hundreds of thousands of elements.
    this.#open.push({
      name,
      kind,
      isHidden,
      hasNoSize: within.hasNoSize,
      isPreformatted: within.isPreformatted,
      isRightAligned: within.isRightAligned,
      list: begun.list === undefined ? within.list : begun.list,
      link: begun.link === undefined ? within.link : begun.link,
      table: begun.table === undefined ? within.table : begun.table,
      end: begun.end ?? nothing,
    });
  }

  /** Writes what the beginning of an element shows. Gives what it changes for all within it, and what its end does. */
  #beginShown(
    name: string,
    kind: ElementKind,
    attributes: Attributes,
    within: Surroundings,
    style: Style,
  ): Begun {
    const writer = this.#writer;
    switch (kind) {
      case "block":
      case "row":
        writer.endBlock(1);
        if (kind === "row") within.table?.rows.push([]);
        return { end: () => writer.endBlock(1) };
      case "paragraph": {
        const distance = style.hasNoMargin ? 1 : 2;
        writer.endBlock(distance);
        return { end: () => writer.endBlock(distance) };
      }
      case "preformatted":
        writer.endBlock(2);
        this.#skipsLineEnd = true;
        return { end: () => writer.endBlock(2) };
      case "quotation":
        return this.#indented("> ", null, 2);
      case "description":
        return this.#indented("    ", null, 1);
      case "list": {
        const distance = within.list === null ? 2 : 1;
        writer.endBlock(distance);
        const items = this.#itemCounts[this.#orderedLists - 1] ?? 0;
        return {
          list: listOf(name, attributes, style.hasNoMarks, items),
          end: () => writer.endBlock(distance),
        };
      }
      case "item": {
        const mark = nextMark(within.list, attributes);
        return this.#indented(" ".repeat(mark.length), mark, 1);
      }
      case "link":
        return this.#beginLink(attributes);
      case "table":
        return this.#beginTable(within);
      case "cell":
        return this.#beginCell(attributes, within);
      default:
        return NOTHING_BEGUN;
    }
  }

  #indented(rest: string, first: string | null, distance: 1 | 2): Begun {
    const writer = this.#writer;
    writer.endBlock(distance);
    writer.indent(rest, first);
    return {
      end: () => {
        writer.endBlock(distance);
        writer.outdent();
        writer.endBlock(distance);
      },
    };
  }

  #beginLink({ href }: Attributes): Begun {
    if (href === undefined) return NOTHING_BEGUN;
    const writer = this.#writer;
    const link = new Link(href);
    return {
      link,
      end: () => {
        const address = link.shownAddress();
        if (address !== null) writer.append(address);
      },
    };
  }

  #beginTable({ table }: Surroundings): Begun {
    const writer = this.#writer;
    const depth = (table?.depth ?? 0) + 1;
    writer.endBlock(1);
    if (depth > DEEPEST_TABLE) return { end: () => writer.endBlock(1) };
    const opened: OpenTable = { rows: [], depth };
    return {
      table: opened,
      list: null,
      end: () => {
        writeTable(opened.rows, writer);
        writer.endBlock(1);
      },
    };
  }

  #beginCell({ colspan, rowspan }: Attributes, { table, isRightAligned }: Surroundings): Begun {
    const outer = this.#writer;
    // A table too deep, or a cell without a table.
    if (table === null || !this.#open.isDirectlyIn(table)) {
      outer.endBlock(1);
      return { end: () => outer.endBlock(1) };
    }
    if (table.rows.length === 0) table.rows.push([]);
    const writer = new BlockWriter();
    this.#writer = writer;
    const span = spanOf(colspan, MOST_SPANNED);
    // None at all means all rows that follow.
    const rowSpan = rowspan?.trim() === "0" ? MOST_ROWS_SPANNED : spanOf(rowspan, MOST_ROWS_SPANNED);
    return {
      list: null,
      link: null,
      end: () => {
        this.#writer = outer;
        table.rows.at(-1)?.push({ lines: writer.finish(), span, rowSpan, isRightAligned });
      },
    };
  }

  #void(name: string, { alt, value, type, width, height }: Attributes): void {
    const { isHidden, link } = this.#open.around;
    if (isHidden) return;
    if (name === "br") this.#writer.lineBreak();
    else if (name === "hr") this.#writer.block(["-".repeat(LONGEST_RULE)], 1);
    else if (name === "img") {
      // A picture of one dot tells the sender that the mail was read.
      if (width === "1" || height === "1" || width === "0" || height === "0") return;
      const text = alt?.trim() ?? "";
      link?.addImage(text);
      // It has a size of its own, although letters around it have none.
      if (text !== "") this.#writer.text(text);
    } else if (name === "input" && type !== "hidden" && value !== undefined) this.text(` ${value} `);
  }
}

function spanOf(text: string | undefined, most: number): number {
  return Math.min(Math.max(1, Number.parseInt(text ?? "1", 10) || 1), most);
}

function nothing(): void {
  // Nothing was begun.
}
