const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** Obsolete zones in minutes east of UTC (RFC 5322 section 4.3); any other name means an unknown zone, -0000. */
const ZONES: Readonly<Record<string, number>> = {
  edt: -240,
  est: -300,
  cdt: -300,
  cst: -360,
  mdt: -360,
  mst: -420,
  pdt: -420,
  pst: -480,
};

const DATE =
  /^(?:[a-z]{3,9},?\s+)?(\d{1,2})\s+([a-z]{3})[a-z]*\s+(\d{2,4})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([+-])(\d{2})(\d{2})|\s+([a-z]+))?/;

/**
 * Reads a Date field (RFC 5322 sections 3.3 and 4.3: comments, two-digit years, named zones). Null if it holds no
 * moment that exists: the 30th of February is not the 1st of March.
 */
export function readDate(value: string): Date | null {
  if (value.length > 200) return null;
  const match = DATE.exec(
    value
      .replace(/\([^()]*\)/g, " ")
      .trim()
      .toLowerCase(),
  );
  if (!match) return null;
  const [, day = "", monthName = "", yearText = "", hour = "", minute = "", second = "0"] = match;
  const month = MONTHS.indexOf(monthName);
  const year = fullYear(yearText);
  if (month < 0 || year < 1000 || +hour > 23 || +minute > 59 || +second > 60) return null;
  const local = new Date(0);
  local.setUTCFullYear(year, month, +day);
  if (local.getUTCDate() !== +day || +day === 0) return null;
  local.setUTCHours(+hour, +minute, Math.min(+second, 59));
  return new Date(local.getTime() - zoneMinutes(match) * 60_000);
}

function fullYear(text: string): number {
  const year = Number(text);
  if (text.length === 2) return year < 50 ? 2000 + year : 1900 + year;
  return text.length === 3 ? 1900 + year : year;
}

function zoneMinutes(match: RegExpExecArray): number {
  const [, , , , , , , sign, hours = "0", minutes = "0", name = ""] = match;
  if (sign === undefined) return ZONES[name] ?? 0;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
