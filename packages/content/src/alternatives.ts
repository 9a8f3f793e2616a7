/** Of what kind a version of a text is. Some are better than others for reading them as text. */
export type Flavour = "plain" | "enriched" | "html" | "amp" | "none";

const ORDER: readonly Flavour[] = ["plain", "enriched", "html", "amp", "none"];

/** The versions, the best for reading first. Equally good ones stay in their order. */
export function inOrder<T extends { readonly flavour: Flavour }>(versions: readonly T[]): readonly T[] {
  return versions.toSorted((one, other) => ORDER.indexOf(one.flavour) - ORDER.indexOf(other.flavour));
}

/** A longer text is no stub: it says something itself. */
const LONGEST_STUB = 400;
/** How many times longer the other version is at least, if this one only points to it. */
const TIMES = 2;
const ADDRESS = /\b(?:https?:\/\/|www\.)\S+|<[^>\s]*>/g;
/** "Your mail program does not show HTML": the word HTML stands in it in every language. */
const SPEAKS_OF_HTML = /\bx?html\b/i;
/** "View this mail in your browser": such a sentence with an address, and nothing else. */
const SPEAKS_OF_BROWSER =
  /\b(?:browsers?|navigateurs?|navegador|online[- ]?version|web[- ]?version|webversion|view (?:this|the) (?:e-?mail|message|newsletter) online)\b/i;
const LONGEST_NOTICE = 160;

const BLANK = /^[\s\p{Default_Ignorable_Code_Point}]*$/u;
const NOTHING_SAID = /^this is a multi-?part message in MIME format\.?$/i;

/** True for a version in which there is nothing to read. */
export function isBlank(text: string): boolean {
  return BLANK.test(text) || NOTHING_SAID.test(text.trim());
}

/** Whether a plain version only says that there is another one, which says much more. */
export function isStub(plain: string, other: string): boolean {
  const text = plain.trim();
  if (text.length > LONGEST_STUB || other.length < text.length * TIMES) return false;
  if (SPEAKS_OF_HTML.test(text)) return true;
  const words = text.replace(ADDRESS, "").trim();
  return words.length < LONGEST_NOTICE && words.length < text.length && SPEAKS_OF_BROWSER.test(words);
}
