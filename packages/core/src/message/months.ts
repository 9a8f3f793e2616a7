/** The beginnings of the names of the months in the languages of mail, a line for each month from January on. */
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

/** The beginnings without accents, the longest first, so that `juil` is not taken for a shorter beginning. */
const MONTHS: readonly (readonly [beginning: string, month: number])[] = BEGINNINGS.flatMap((names, month) =>
  names.split(" ").map((name) => [withoutAccents(name), month] as const),
).toSorted(([one], [other]) => other.length - one.length);

const ENGLISH = "janfebmaraprmayjunjulaugsepoctnovdec";

/** The month, from 0, whose name a word in lower case without accents is; -1 if there is none. */
export function monthOf(word: string): number {
  const english = word.length < 3 ? -1 : ENGLISH.indexOf(word.slice(0, 3));
  if (english >= 0 && english % 3 === 0) return english / 3;
  return MONTHS.find(([beginning]) => word.startsWith(beginning))?.[1] ?? -1;
}

/** The text without accents and other marks above or below letters. */
export function withoutAccents(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "");
}
