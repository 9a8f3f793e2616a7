// What is asked of the sample mail: words that are known to be frequent or rare, as the sample itself shows.
import { randomNumbers } from "../lib/random.mjs";
import { sampleMail } from "./sample-mail.mjs";

/** Messages that are looked at to tell how frequent words are. */
const SAMPLE = 4000;

/**
 * Queries of each kind for a sample of `count` messages, `number` different ones each, the same ones each time.
 * @param {number} count @param {number} number
 * @returns {Record<string, readonly string[]>}
 */
export function questions(count, number) {
  const random = randomNumbers(5);
  const any = (/** @type {readonly string[]} */ list) => list[Math.floor(random() * list.length)] ?? "";
  const mails = Array.from({ length: SAMPLE }, (_, at) => sampleMail(Math.floor((at * count) / SAMPLE)));
  /** @type {Map<string, Set<number>>} */
  const messages = new Map();
  mails.forEach(({ words }, at) => {
    for (const word of words) messages.set(word, (messages.get(word) ?? new Set()).add(at));
  });
  const share = (/** @type {string} */ word) => (messages.get(word)?.size ?? 0) / SAMPLE;
  const together = (/** @type {string} */ one, /** @type {string} */ other) =>
    [...(messages.get(one) ?? [])].filter((at) => messages.get(other)?.has(at)).length / SAMPLE;
  const known = [...messages.keys()];
  const common = known.filter((word) => share(word) >= 0.03);
  const rare = known.filter((word) => share(word) <= 2 / SAMPLE);
  const mail = () => mails[Math.floor(random() * SAMPLE)] ?? sampleMail(0);
  const pair = () => {
    const { words } = mail();
    const at = Math.floor(random() * (words.length - 1));
    return `"${words[at]} ${words[at + 1]}"`;
  };
  const rareTwo = () => {
    const words = mail().words.filter((word) => share(word) <= 2 / SAMPLE);
    return `${any(words)} ${any(words)}`.trim() || any(rare);
  };
  const twoCommon = (/** @type {(share: number) => boolean} */ isWanted) => () => {
    for (;;) {
      const [one, other] = [any(common), any(common)];
      if (one !== other && isWanted(together(one, other))) return `${one} ${other}`;
    }
  };
  const month = (/** @type {Date} */ date) => date.toISOString().slice(0, 7);
  /** @type {Record<string, () => string>} */
  const kinds = {
    "common, common": twoCommon((often) => often >= 0.005),
    "common, common, hardly ever together": twoCommon((often) => often === 0),
    "common, rare": () => `${any(common)} ${any(rare)}`,
    "rare, rare": rareTwo,
    phrase: pair,
    "sender, word": () => `from:${mail().from} ${any(common)}`,
    "sender, month": () => {
      const { from, date } = mail();
      const next = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1));
      return `from:${from} date:>=${month(date)} date:<${month(next)}`;
    },
    "best of two common words": twoCommon((often) => often >= 0.005),
  };
  return Object.fromEntries(
    Object.entries(kinds).map(([kind, make]) => {
      /** @type {Set<string>} */
      const list = new Set();
      for (let tries = 0; list.size < number && tries < 100 * number; tries++) list.add(make());
      return [kind, [...list]];
    }),
  );
}
