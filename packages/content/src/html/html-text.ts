import { HtmlReader } from "./html-reader.ts";
import { itemCounts } from "./item-counter.ts";
import { readTokens } from "./tokens.ts";

/** HTML as text. */
export interface HtmlText {
  /** Lines parted by LF. */
  readonly text: string;
  /** True if the HTML ends within a tag, and what stands after its beginning is not shown. */
  readonly isCutOff: boolean;
}

/**
 * Reads HTML as a person sees it: lists, tables, quotations and links as text, without style sheets, scripts and what is
 * hidden. Where that leaves nothing, what is hidden is shown, and where there is none, the source. Takes time in proportion
 * to the HTML.
 */
export function htmlText(html: string): HtmlText {
  const seen = read(html, false);
  if (seen.text !== "") return seen;
  const hidden = read(html, true);
  return hidden.text !== "" || !hidden.isCutOff ? hidden : { text: html.trim(), isCutOff: true };
}

function read(html: string, showsHidden: boolean): HtmlText {
  const reader = new HtmlReader(showsHidden, itemCounts(html));
  const endedWithin = readTokens(html, reader);
  return { text: reader.finish().join("\n"), isCutOff: endedWithin !== null };
}
