import { FieldNames } from "../criteria/field-names.ts";
import { HeaderTexts } from "../criteria/header-texts.ts";
import { textTokens } from "../words/text-tokens.ts";
import { CUT_TOKEN, type Place } from "../words/token.ts";

/** What a message's tokens are made from. */
export interface WordsOfMessage {
  /** Its header block. */
  readonly block: Uint8Array;
  /** What there is to read in it. */
  readonly text: string;
  readonly fileNames: readonly string[];
}

/** Most tokens of one message: more stand in dictionaries, and in what was made to have many. */
const MAX_TOKENS = 20_000;
/** Most characters of all of them: a row with them fits into the packets of any server. */
const MAX_CHARACTERS = 400_000;

/** The fields that bare words are searched in, and the place of the tokens that they have besides. */
const FIELDS: Readonly<Record<string, Place | null>> = {
  subject: "subject",
  from: "from",
  to: "recipients",
  cc: "recipients",
  bcc: null,
  sender: null,
  "reply-to": null,
};

/** The names of the header fields that bare words are searched in. */
export const SEARCHED_FIELDS: readonly string[] = Object.keys(FIELDS);

const NAMES = new FieldNames(new Set(SEARCHED_FIELDS));

/**
 * The tokens by which a stored message is found, each once. In the place of what is over these bounds stands one that makes
 * the message a candidate whatever is searched for. Takes time in proportion to the octets.
 */
export function messageTokens({ block, text, fileNames }: WordsOfMessage): readonly string[] {
  const tokens = new Set<string>();
  let characters = 0;
  for (const token of allTokens(new HeaderTexts(block, NAMES), text, fileNames)) {
    if (tokens.has(token)) continue;
    characters += token.length;
    if (tokens.size >= MAX_TOKENS || characters > MAX_CHARACTERS) {
      tokens.add(CUT_TOKEN);
      break;
    }
    tokens.add(token);
  }
  return [...tokens];
}

function* allTokens(header: HeaderTexts, text: string, fileNames: readonly string[]): Generator<string> {
  for (const [name, place] of Object.entries(FIELDS))
    for (const field of header.texts(name)) {
      yield* textTokens("anywhere", field);
      if (place !== null) yield* textTokens(place, field);
    }
  for (const fileName of fileNames) {
    yield* textTokens("anywhere", fileName);
    yield* textTokens("fileName", fileName);
  }
  yield* textTokens("anywhere", text);
}
