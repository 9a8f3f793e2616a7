/**
 * One line of JSON Lines. Control characters above C0 and marks that turn the writing direction are escaped, too:
 * the line may end up on a terminal.
 */
export function jsonLine(value: object): string {
  const text = JSON.stringify(value).replace(/[\u007f-\u009f\p{Cf}\u2028\u2029]/gu, (character) =>
    [...Array(character.length).keys()].map((i) => unicodeEscape(character.charCodeAt(i))).join(""),
  );
  return `${text}\n`;
}

function unicodeEscape(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}
