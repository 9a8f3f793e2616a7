/** What an element is to somebody who reads its text. */
export type ElementKind =
  /** Not shown, nor what is in it. */
  | "unshown"
  /** Has no content. */
  | "void"
  /** Stands on lines of its own. */
  | "block"
  /** A block with empty lines around it. */
  | "paragraph"
  | "quotation"
  | "preformatted"
  | "list"
  | "item"
  | "description"
  | "table"
  | "row"
  | "cell"
  | "link"
  | "inline";

const KINDS: Readonly<Record<Exclude<ElementKind, "inline">, string>> = {
  unshown:
    "style script title template iframe noembed noframes object applet audio video canvas map select datalist svg math colgroup",
  void: "area base br col embed frame hr img input link meta param source track wbr keygen basefont bgsound",
  block:
    "address article aside body center details dialog dir div dt fieldset figcaption figure footer form header hgroup html legend main nav optgroup option search section summary tbody tfoot thead",
  paragraph: "p h1 h2 h3 h4 h5 h6 dl caption",
  quotation: "blockquote",
  preformatted: "pre xmp listing plaintext",
  list: "ul ol menu",
  item: "li",
  description: "dd",
  table: "table",
  row: "tr",
  cell: "td th",
  link: "a",
};

const KIND_OF: ReadonlyMap<string, ElementKind> = new Map(
  Object.entries(KINDS).flatMap(([kind, names]) =>
    names.split(" ").map((name) => [name, kind as ElementKind] as const),
  ),
);

/** The kind of an element, by its name in lower case. An unknown element is inline. */
export function kindOf(name: string): ElementKind {
  return KIND_OF.get(name) ?? "inline";
}

/** Whether end tags within such an element end nothing outside of it (WHATWG HTML section 13.2.4.2, "in scope"). */
export function isScope(kind: ElementKind): boolean {
  return kind === "cell" || kind === "table";
}

/** What the beginning of an element ends, because their end tags may be left out (WHATWG HTML section 13.1.2.4). */
interface Ended {
  /** The names of the open elements that it ends. */
  readonly ends: ReadonlySet<string>;
  /** The names of the elements beyond which it ends none. */
  readonly within: ReadonlySet<string>;
}

function ended(ends: string, within: string): Ended {
  return { ends: new Set(ends.split(" ")), within: new Set(within.split(" ")) };
}

const BY_BLOCK = ended("p", "table td th button object li div blockquote");
const BY_TERM = ended("dt dd", "dl table td th");
const BY_TABLE_PART = ended("tbody thead tfoot tr", "table");
const BY_NAME: ReadonlyMap<string, Ended> = new Map([
  ["dt", BY_TERM],
  ["tbody", BY_TABLE_PART],
  ["thead", BY_TABLE_PART],
  ["tfoot", BY_TABLE_PART],
]);
const BY_KIND: Readonly<Partial<Record<ElementKind, Ended>>> = {
  item: ended("li", "ul ol menu table td th"),
  description: BY_TERM,
  row: ended("tr", "table"),
  cell: ended("td th", "table"),
  link: ended("a", "table td th"),
  block: BY_BLOCK,
  paragraph: BY_BLOCK,
  list: BY_BLOCK,
  quotation: BY_BLOCK,
  preformatted: BY_BLOCK,
  table: BY_BLOCK,
};

/** What the beginning of an element ends; null: nothing. */
export function endedBy(name: string, kind: ElementKind): Ended | null {
  return BY_NAME.get(name) ?? BY_KIND[kind] ?? null;
}
