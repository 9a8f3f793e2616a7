const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The longest time of a timer in Node; a longer one fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** What {@link parseDuration} takes, in words. */
export const DURATION_FORM = "a duration such as 30s, 5m, 1h30m or 2d (units: ms, s, m, h, d)";

/** What {@link parseOctets} takes, in words. */
export const OCTETS_FORM = "a whole number from 1, also with k, M or G (1024, 1024 k, 1024 M) after it";

/** A duration with its unit, `30s` or `1h30m`, in ms; null if it is none, is zero, or is longer than `mostMs` (24 days). */
export function parseDuration(text: string, mostMs = LONGEST_MS): number | null {
  if (!/^(?:\d{1,10}(?:ms|s|m|h|d) ?)+$/.test(`${text} `.replace(/ +$/, " "))) return null;
  let ms = 0;
  for (const [, count = "", unit = ""] of text.matchAll(/(\d+)(ms|s|m|h|d)/g))
    ms += Number(count) * (UNIT_MS[unit] ?? Number.NaN);
  return ms >= 1 && ms <= mostMs ? ms : null;
}

/** The shortest way to write a duration that {@link parseDuration} reads. */
export function formatDuration(ms: number): string {
  let rest = ms;
  let text = "";
  for (const [unit, size] of Object.entries(UNIT_MS).reverse()) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === "" ? "0s" : text;
}

/** A number of octets, `5000000` or `25M`; null if it is none. */
export function parseOctets(text: string): number | null {
  const [, digits = "", unit = ""] = /^(\d{1,15})([kmg]?)$/i.exec(text) ?? [];
  const octets = Number(digits) * 1024 ** " kmg".indexOf(unit.toLowerCase() || " ");
  return octets >= 1 && Number.isSafeInteger(octets) ? octets : null;
}
