import { type ElementKind, endedBy, isScope } from "./elements.ts";
import type { Link } from "./link.ts";
import type { List } from "./list.ts";
import type { Cell } from "./table.ts";

/** What holds within an element and is handed down to what is in it. */
export interface Surroundings {
  readonly isHidden: boolean;
  readonly hasNoSize: boolean;
  readonly isPreformatted: boolean;
  readonly isRightAligned: boolean;
  readonly list: List | null;
  readonly link: Link | null;
  readonly table: OpenTable | null;
}

/** A table that is being read. */
export interface OpenTable {
  readonly rows: Cell[][];
  /** How many tables it stands in, with itself. */
  readonly depth: number;
}

/** An element that was begun and has not ended. */
export interface OpenElement extends Surroundings {
  readonly name: string;
  readonly kind: ElementKind;
  /** Undoes what its beginning has done to the writer. */
  readonly end: () => void;
}

/** Elements deeper than that are shown, but do not indent or hide any more: each end tag is looked for among the open ones. */
const DEEPEST = 300;
const TABLE_PARTS: ReadonlySet<string> = new Set(["tbody", "thead", "tfoot", "caption"]);
const NOTHING_AROUND: Surroundings = {
  isHidden: false,
  hasNoSize: false,
  isPreformatted: false,
  isRightAligned: false,
  list: null,
  link: null,
  table: null,
};

/** The elements that are open, the innermost last, as tags begin and end them (WHATWG HTML section 13.2.4.2). */
export class OpenElements {
  readonly #open: OpenElement[] = [];

  get isFull(): boolean {
    return this.#open.length >= DEEPEST;
  }

  /** What holds where the next text stands. */
  get around(): Surroundings {
    return this.#open.at(-1) ?? NOTHING_AROUND;
  }

  has(name: string): boolean {
    return this.#open.some((one) => one.name === name);
  }

  push(element: OpenElement): void {
    this.#open.push(element);
  }

  /** Ends what the beginning of another element ends. */
  beforeBeginning(name: string, kind: ElementKind): void {
    const rule = endedBy(name, kind);
    if (rule === null) return;
    for (let at = this.#open.length - 1; at >= 0; at--) {
      const open = this.#open[at]?.name ?? "";
      if (rule.ends.has(open)) {
        this.#endDownTo(at);
        return;
      }
      if (rule.within.has(open)) return;
    }
  }

  /** Ends the innermost element of this name and all within it, where an end tag here can mean it. */
  end(name: string, kind: ElementKind): void {
    const isOfTable = kind === "table" || kind === "row" || kind === "cell" || TABLE_PARTS.has(name);
    for (let at = this.#open.length - 1; at >= 0; at--) {
      const element = this.#open[at];
      if (element?.name === name) {
        this.#endDownTo(at);
        return;
      }
      // An end tag within a cell does not end what the table stands in, nor one of a table the table around it.
      if (element !== undefined && (isOfTable ? element.kind === "table" : isScope(element.kind))) return;
    }
  }

  endAll(): void {
    this.#endDownTo(0);
  }

  /** True where a cell would be one of this table: not within a cell, nor within a table that is too deep to be one. */
  isDirectlyIn(table: OpenTable): boolean {
    const innermost = this.#open.findLast(({ kind }) => kind === "table" || kind === "cell");
    return innermost?.kind === "table" && innermost.table === table;
  }

  #endDownTo(at: number): void {
    while (this.#open.length > at) this.#open.pop()?.end();
  }
}
