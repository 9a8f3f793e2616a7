import { Tokenizer } from "htmlparser2";

/** What a tag says, of what is of use here; names in lower case, the first of a name. */
export type Attributes = Readonly<Partial<Record<AttributeName, string>>>;

const NAMES = [
  "align",
  "alt",
  "class",
  "colspan",
  "hidden",
  "href",
  "height",
  "reversed",
  "role",
  "rowspan",
  "start",
  "style",
  "type",
  "value",
  "width",
] as const;
type AttributeName = (typeof NAMES)[number];

/** No attribute of use is longer. */
const LONGEST_VALUE = 4000;

/** Is told what stands in HTML, in order. */
export interface TokenHandler {
  open(name: string, attributes: Attributes): void;
  close(name: string): void;
  text(text: string): void;
}

/**
 * Reads HTML (WHATWG HTML section 13.2.5: tags, attributes, entities, comments) in time proportional to it.
 * @returns what it ended within; null if it did not
 */
export function readTokens(html: string, handler: TokenHandler): "tag" | null {
  let name = "";
  let attribute: AttributeName | null = null;
  let value = "";
  let attributes: Partial<Record<AttributeName, string>> = {};
  /** Where the last tag or text ended. */
  let done = 0;
  const add = (text: string): void => {
    if (attribute !== null && value.length < LONGEST_VALUE) value += text;
  };
  const endTag = (end: number): void => {
    handler.open(name, attributes);
    done = end + 1;
  };
  const tokenizer = new Tokenizer(
    { xmlMode: false, decodeEntities: true },
    {
      onopentagname: (start, end) => {
        name = html.slice(start, end).toLowerCase();
        attributes = {};
      },
      onattribname: (start, end) => {
        attribute = end - start <= 10 ? known(html.slice(start, end)) : null;
        value = "";
      },
      onattribdata: (start, end) => add(html.slice(start, Math.min(end, start + LONGEST_VALUE))),
      onattribentity: (codePoint) => add(String.fromCodePoint(codePoint)),
      onattribend: () => {
        if (attribute !== null) attributes[attribute] ??= value.slice(0, LONGEST_VALUE);
        attribute = null;
      },
      onopentagend: endTag,
      onselfclosingtag: endTag,
      onclosetag: (start, end) => {
        handler.close(html.slice(start, end).toLowerCase());
        done = end + 1;
      },
      ontext: (start, end) => {
        handler.text(html.slice(start, end));
        done = end;
      },
      ontextentity: (codePoint, end) => {
        handler.text(String.fromCodePoint(codePoint));
        done = end;
      },
      oncdata: () => undefined,
      oncomment: (_, end) => {
        done = end + 1;
      },
      ondeclaration: (_, end) => {
        done = end + 1;
      },
      onprocessinginstruction: (_, end) => {
        done = end + 1;
      },
      onend: () => undefined,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  return html.indexOf("<", done) >= 0 ? "tag" : null;
}

const KNOWN: ReadonlySet<string> = new Set(NAMES);

function known(written: string): AttributeName | null {
  const name = written.toLowerCase();
  return KNOWN.has(name) ? (name as AttributeName) : null;
}
