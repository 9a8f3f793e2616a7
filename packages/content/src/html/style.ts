import type { Attributes } from "./tokens.ts";

/** The parts of an element's style that matter to somebody who reads its text. */
export interface Style {
  /** The element and all in it are not shown. */
  readonly isHidden: boolean;
  /** Its letters have no size; an element within it may give its own letters one. Null: the style does not say. */
  readonly hasNoSize: boolean | null;
  /** Blanks and line ends are shown as they stand. Null: the style does not say. */
  readonly isPreformatted: boolean | null;
  readonly isRightAligned: boolean;
  /** The items of a list have no marks. */
  readonly hasNoMarks: boolean;
  /** No room is left above and below: the paragraph is no more than a line. */
  readonly hasNoMargin: boolean;
}

const PLAIN: Style = {
  isHidden: false,
  hasNoSize: null,
  isPreformatted: null,
  isRightAligned: false,
  hasNoMarks: false,
  hasNoMargin: false,
};

/** More of a style is not looked at. */
const LOOKED_AT = 4000;
/** Word writes each line as a paragraph of one of these, and says in a style sheet that they have no margin. */
const LINES_OF_WORD = /^Mso(?:Normal|PlainText|ListParagraph)/;
const NOTHING = /^0*\.?0*(?:px|pt|cm|mm|in|em|rem|ex|%)?$/;

/** Reads the attributes `style`, `hidden`, `align` and `class`. */
export function styleOf({ style, hidden, align, class: name }: Attributes): Style {
  if (style === undefined && hidden === undefined && align === undefined && name === undefined) return PLAIN;
  const said = declarations(style ?? "");
  const is = (property: string, value: string): boolean => said.get(property) === value;
  const isNothing = (property: string): boolean => NOTHING.test(said.get(property) ?? "x");
  const size = said.get("font-size");
  const space = said.get("white-space");
  return {
    isHidden:
      hidden !== undefined ||
      is("display", "none") ||
      is("visibility", "hidden") ||
      is("mso-hide", "all") ||
      isNothing("opacity") ||
      // Without `overflow: hidden` what is higher than that is shown all the same.
      (is("overflow", "hidden") && (isNothing("max-height") || isNothing("height"))),
    hasNoSize: size === undefined ? null : NOTHING.test(size),
    isPreformatted: space === undefined ? null : /^(?:pre|pre-wrap|pre-line|break-spaces)$/.test(space),
    isRightAligned: is("text-align", "right") || align?.toLowerCase() === "right",
    hasNoMarks: /\bnone\b/.test(said.get("list-style-type") ?? said.get("list-style") ?? ""),
    hasNoMargin: marginIsNothing(said) ?? LINES_OF_WORD.test(name ?? ""),
  };
}

/** Whether no room is left above and below; null if the style does not say. */
function marginIsNothing(said: ReadonlyMap<string, string>): boolean | null {
  const [above, , below = above] = (said.get("margin") ?? "").split(/\s+/, 3);
  const both = [said.get("margin-top") ?? above, said.get("margin-bottom") ?? below];
  const stated = both.filter((value) => value !== undefined && value !== "");
  return stated.length < 2 ? null : stated.every((value) => NOTHING.test(value ?? ""));
}

function declarations(style: string): ReadonlyMap<string, string> {
  const said = new Map<string, string>();
  for (const declaration of style.slice(0, LOOKED_AT).toLowerCase().split(";")) {
    const colon = declaration.indexOf(":");
    if (colon < 0) continue;
    const value = declaration
      .slice(colon + 1)
      .replace("!important", "")
      .trim();
    said.set(declaration.slice(0, colon).trim(), value);
  }
  return said;
}
