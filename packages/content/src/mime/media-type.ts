import { fieldText, type HeaderBlock } from "./header-block.ts";
import { type Parameters, readParameters } from "./parameters.ts";

/** What a part says it is. */
export interface MediaType {
  /** `text/plain`, in lower case. */
  readonly name: string;
  /** What stands before the slash. */
  readonly top: string;
  readonly parameters: Parameters;
  /** False where the part does not say it, or says what cannot be read, and `name` is a guess. */
  readonly isStated: boolean;
}

const TYPE = /^\s*"?\s*([\w!#$&^.+-]+)\s*\/\s*([\w!#$&^.+*-]+)/;
const WORD = /^\s*"?\s*([\w.+-]+)\s*\/?/;

/** What a type means that says only half of it. */
const HALVES: Readonly<Record<string, string>> = {
  text: "text/plain",
  plain: "text/plain",
  ascii: "text/plain",
  html: "text/html",
  multipart: "multipart/mixed",
  mixed: "multipart/mixed",
  message: "message/rfc822",
};

/** Names that mean another one. */
const SYNONYMS: Readonly<Record<string, string>> = {
  "text/htm": "text/html",
  "text/xhtml": "text/html",
  "application/html": "text/html",
  "application/xhtml+xml": "text/html",
  "application/xhtml": "text/html",
  "application/ics": "text/calendar",
  "text/x-vcalendar": "text/calendar",
  "text/ascii": "text/plain",
  "text/text": "text/plain",
  "plain/text": "text/plain",
  "html/text": "text/html",
};

/** Reads Content-Type (RFC 2045 section 5). `missing` is what a part is that does not say. */
export function readMediaType(
  { fields, label }: Pick<HeaderBlock, "fields" | "label">,
  missing: string,
): MediaType {
  const text = fieldText(fields, "content-type");
  if (text === null || text === "") return unstatedType(missing);
  const whole = TYPE.exec(text);
  if (whole !== null) {
    const [written, top = "", sub = ""] = whole;
    return typeOf(`${top}/${sub}`.toLowerCase(), readParameters(text.slice(written.length), label), true);
  }
  const [written = "", word = ""] = WORD.exec(text) ?? [];
  const known = HALVES[word.toLowerCase()];
  // `charset=utf-8` alone: the type was forgotten, not its parameters.
  const rest = known === undefined ? text : text.slice(written.length);
  return typeOf(known ?? missing, readParameters(rest, label), known !== undefined);
}

function typeOf(name: string, parameters: Parameters, isStated: boolean): MediaType {
  return { name, top: name.slice(0, name.indexOf("/")), parameters, isStated };
}

/** What a part is that says nothing. */
export function unstatedType(name: string): MediaType {
  return typeOf(name, new Map(), false);
}

/** The type by which a part is read: what `application/xhtml+xml` or `text/htm` are read as is `text/html`. */
export function readAsType({ name }: MediaType): string {
  return SYNONYMS[name] ?? name;
}

/** The charset's label as the part states it; null if it does not. */
export function charsetLabel({ parameters }: MediaType): string | null {
  // A comment may stand after it.
  const [label = ""] = /^\S+/.exec(parameters.get("charset") ?? "") ?? [];
  return label === "" ? null : label;
}
