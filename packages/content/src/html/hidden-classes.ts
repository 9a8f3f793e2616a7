/** More of the style sheets is not looked at. */
const LOOKED_AT = 200_000;
const COMMENT_OR_BRACE = /\/\*|[{}]/g;
/** A selector that is one class alone, of any element or of one kind. With more in it, it may mean something else. */
const CLASS = /^[a-z0-9]*\.([\w-]{1,100})$/i;
const DISPLAY = /(?:^|;)\s*display\s*:\s*([a-z-]+)/i;

/** The classes that the style sheets of a page hide on every screen. */
export class HiddenClasses {
  readonly #hidden = new Set<string>();
  #looked = 0;

  has(classes: string): boolean {
    return this.#hidden.size > 0 && classes.split(/\s+/, 50).some((name) => this.#hidden.has(name));
  }

  /** Reads a style sheet in one pass. Rules within others (`@media`) are left out: they hold for some screens only. */
  read(sheet: string): void {
    const css = sheet.slice(0, LOOKED_AT - this.#looked);
    this.#looked += css.length;
    let depth = 0;
    let selectorStart = 0;
    let bodyStart = 0;
    for (let match = next(css, 0); match !== null; match = next(css, COMMENT_OR_BRACE.lastIndex)) {
      if (match[0] === "/*") {
        const end = css.indexOf("*/", match.index + 2);
        if (end < 0) return;
        COMMENT_OR_BRACE.lastIndex = end + 2;
        if (depth === 0) selectorStart = end + 2;
      } else if (match[0] === "{") {
        if (depth++ === 0) bodyStart = match.index;
      } else if (depth > 0 && --depth === 0) {
        this.#rule(css.slice(selectorStart, bodyStart), css.slice(bodyStart + 1, match.index));
        selectorStart = match.index + 1;
      }
    }
  }

  #rule(selectors: string, body: string): void {
    const display = DISPLAY.exec(body.slice(0, 2000))?.[1]?.toLowerCase();
    if (display === undefined || selectors.includes("@")) return;
    for (const selector of selectors.split(",")) {
      const name = CLASS.exec(selector.replace(/<!--/, "").trim())?.[1];
      if (name === undefined) continue;
      if (display === "none") this.#hidden.add(name);
      else this.#hidden.delete(name);
    }
  }
}

function next(css: string, from: number): RegExpExecArray | null {
  COMMENT_OR_BRACE.lastIndex = from;
  return COMMENT_OR_BRACE.exec(css);
}
