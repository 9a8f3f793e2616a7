import type { Attributes } from "./tokens.ts";

/** A list that is being read. */
export interface List {
  readonly isOrdered: boolean;
  readonly hasNoMarks: boolean;
  /** How the numbers are written: `1`, `a`, `A`, `i`, `I`. */
  readonly type: string;
  /** The number of the item to come. */
  next: number;
  /** What the next number is more by: -1 where the list counts down. */
  readonly step: 1 | -1;
}

/** @param items how many it has, which a list that counts down begins with */
export function listOf(
  name: string,
  { start, reversed, type = "1" }: Attributes,
  hasNoMarks: boolean,
  items: number,
): List {
  const first = Number.parseInt(start ?? "", 10);
  const isReversed = reversed !== undefined;
  return {
    isOrdered: name === "ol",
    hasNoMarks,
    type,
    next: Number.isSafeInteger(first) ? first : isReversed ? items : 1,
    step: isReversed ? -1 : 1,
  };
}

/** The mark of the next item, with the blank after it. */
export function nextMark(list: List | null, { value }: Attributes): string {
  if (list === null || !list.isOrdered) return list?.hasNoMarks === true ? "" : "- ";
  const stated = Number.parseInt(value ?? "", 10);
  const number = Number.isSafeInteger(stated) ? stated : list.next;
  list.next = number + list.step;
  return list.hasNoMarks ? "" : `${written(number, list.type)}. `;
}

function written(number: number, type: string): string {
  if (type === "a" || type === "A") {
    const letters = lettersOf(number);
    return type === "a" ? letters.toLowerCase() : letters;
  }
  if (type === "i" || type === "I") {
    const roman = romanOf(number);
    return type === "i" ? roman.toLowerCase() : roman;
  }
  return `${number}`;
}

function lettersOf(number: number): string {
  let letters = "";
  for (let left = number; left > 0; left = Math.floor((left - 1) / 26))
    letters = String.fromCharCode(65 + ((left - 1) % 26)) + letters;
  return letters === "" ? `${number}` : letters;
}

const ROMAN: readonly (readonly [value: number, numeral: string])[] = [
  [1000, "M"],
  [900, "CM"],
  [500, "D"],
  [400, "CD"],
  [100, "C"],
  [90, "XC"],
  [50, "L"],
  [40, "XL"],
  [10, "X"],
  [9, "IX"],
  [5, "V"],
  [4, "IV"],
  [1, "I"],
];

function romanOf(number: number): string {
  if (number < 1 || number > 3999) return `${number}`;
  let roman = "";
  let left = number;
  for (const [value, numeral] of ROMAN) for (; left >= value; left -= value) roman += numeral;
  return roman;
}
