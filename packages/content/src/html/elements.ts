/** What an element is to who reads its text. */
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

/** An element that nobody knows is inline. */
export function kindOf(name: string): ElementKind {
  return KIND_OF.get(name) ?? "inline";
}

/** Elements that an end tag of something else within does not end (WHATWG HTML section 13.2.4.2, "in scope"). */
export function isScope(kind: ElementKind): boolean {
  return kind === "cell" || kind === "table";
}

/**
 * Which open elements the beginning of another one ends whose end tag was left out (section 13.1.2.4), and which ones keep
 * those beyond them open.
 */
export function endedBy(
  name: string,
  kind: ElementKind,
): { readonly ends: readonly string[]; readonly within: readonly string[] } | null {
  switch (kind) {
    case "item":
      return { ends: ["li"], within: ["ul", "ol", "menu", "table", "td", "th"] };
    case "description":
      return { ends: ["dt", "dd"], within: ["dl", "table", "td", "th"] };
    case "row":
      return { ends: ["tr"], within: ["table"] };
    case "cell":
      return { ends: ["td", "th"], within: ["table"] };
    case "link":
      return { ends: ["a"], within: ["table", "td", "th"] };
    case "block":
      if (name === "dt") return { ends: ["dt", "dd"], within: ["dl", "table", "td", "th"] };
      if (["tbody", "thead", "tfoot"].includes(name))
        return { ends: ["tbody", "thead", "tfoot", "tr"], within: ["table"] };
      return PARAGRAPH;
    case "paragraph":
    case "list":
    case "quotation":
    case "preformatted":
    case "table":
      return PARAGRAPH;
    default:
      return null;
  }
}

const PARAGRAPH = {
  ends: ["p"],
  within: ["table", "td", "th", "button", "object", "li", "div", "blockquote"],
};
