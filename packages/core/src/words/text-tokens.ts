import { findAddresses } from "./addresses.ts";
import { cutWords } from "./cut.ts";
import { type Place, tokenOf } from "./token.ts";

/**
 * The tokens of a text's words and addresses at a place; some of them more than once. Characters of scripts without spaces
 * give overlapping pairs, whatever stands between them (a line may end within a word), and the last of a row itself.
 */
export function* textTokens(place: Place, text: string): Generator<string> {
  let before: string | null = null;
  for (const { text: word, isCharacter, parts } of cutWords(text)) {
    if (before !== null) yield tokenOf(place, isCharacter ? before + word : before);
    before = isCharacter ? word : null;
    if (isCharacter) continue;
    yield tokenOf(place, word);
    for (const part of parts ?? []) yield tokenOf(place, part);
  }
  if (before !== null) yield tokenOf(place, before);
  for (const address of findAddresses(text)) yield tokenOf("address", address.text);
}
