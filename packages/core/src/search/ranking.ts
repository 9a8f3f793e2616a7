/** How often the words of a query stand in a message, and how much there is in it. */
export interface Occurrences {
  /** One for each word, phrase or other term of the query; what stands in more telling places counts more than once. */
  readonly counts: readonly number[];
  /** UTF-16 code units of the text. */
  readonly length: number;
}

/** How much once in these places counts against once in the text. */
export const SUBJECT_WEIGHT = 4;
export const NAME_WEIGHT = 2;

/** The parameters of BM25: how soon more of the same says nothing new, and how much long texts have to have more of it. */
const SATURATION = 1.2;
const LENGTH_SHARE = 0.5;

/**
 * The best ones first, those that are equally good in their order. As BM25 does it, a word counts the more the fewer of these
 * messages have it, and each time less than the time before. The same numbers come out on every machine.
 */
export function bestFirst<T extends { readonly occurrences: Occurrences }>(
  found: readonly T[],
): readonly T[] {
  const all = found.map(({ occurrences }) => occurrences);
  const average = all.reduce((sum, { length }) => sum + length, 0) / Math.max(1, all.length);
  const having: number[] = [];
  for (const { counts } of all)
    counts.forEach((count, term) => {
      having[term] = (having[term] ?? 0) + (count > 0 ? 1 : 0);
    });
  const worth = having.map((number) => Math.log(1 + all.length / Math.max(1, number)));
  const scored = found.map((one) => ({ one, score: scoreOf(one.occurrences, worth, average) }));
  return scored.toSorted((one, other) => other.score - one.score).map(({ one }) => one);
}

function scoreOf({ counts, length }: Occurrences, worth: readonly number[], average: number): number {
  const bar = SATURATION * (1 - LENGTH_SHARE + (LENGTH_SHARE * length) / Math.max(1, average));
  return counts.reduce((sum, count, term) => sum + ((worth[term] ?? 0) * count) / (count + bar), 0);
}
