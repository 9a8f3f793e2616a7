/** Beginnings of the names of the months, accents aside, from January on, in the languages that dates are written in. */
const BEGINNINGS: readonly string[] = [
  "jan jän ene gen sty янв січ oca ιαν",
  "feb fev fév luty lut фев лют şub úno φεβ",
  "mar mär maer mrt mac бер мар bře μαρ",
  "apr abr avr kwi апр квіт кві nis dub απρ",
  "may mai maj mei mag мая май трав kvě μαι μαϊ",
  "jun juin giu cze июн черв haz ιουν",
  "jul juil lug lip июл лип tem čvc červenec ιουλ",
  "aug ago aou août sie авг серп ağu srp αυγ",
  "sep set wrz сен вер eyl zář σεπ",
  "oct okt out ott paź окт жовт eki říj οκτ",
  "nov lis ноя лист kas νοε",
  "dec dez dic dés gru дек груд ara pro des δεκ",
];

/** Longest first: `juil` is no `jui`. */
const MONTHS: readonly (readonly [beginning: string, month: number])[] = BEGINNINGS.flatMap((names, month) =>
  names.split(" ").map((name) => [withoutAccents(name), month] as const),
).toSorted(([one], [other]) => other.length - one.length);

const ENGLISH = "janfebmaraprmayjunjulaugsepoctnovdec";

/** The month, from 0, that a word in lower case without accents names; -1 if it is none. */
export function monthOf(word: string): number {
  const english = word.length < 3 ? -1 : ENGLISH.indexOf(word.slice(0, 3));
  if (english >= 0 && english % 3 === 0) return english / 3;
  return MONTHS.find(([beginning]) => word.startsWith(beginning))?.[1] ?? -1;
}

/** Letters without what stands above and below them. */
export function withoutAccents(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "");
}
