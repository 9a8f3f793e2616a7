const UNITS = ["kB", "MB", "GB", "TB"];

/** Octets for people: `812 B`, `1.2 MB`. */
export function formatOctets(octets: number): string {
  if (octets < 1000) return `${octets} B`;
  let value = octets;
  let unit = "";
  for (const next of UNITS) {
    if (value < 999.5) break;
    value /= 1000;
    unit = next;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** A unique-id as text, a character for each octet; null if there is none. */
export function uniqueIdText(uniqueId: Uint8Array | null): string | null {
  return uniqueId === null ? null : Buffer.from(uniqueId).toString("latin1");
}

/** A moment in the machine's time zone, `2026-05-01 12:34`; nothing for null. */
export function formatDate(date: Date | null): string {
  if (date === null) return "";
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Seconds as a clock shows them: `0:07`, `1:02:03`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = String(whole % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** `12,000`. It does not use Intl, whose loading takes longer than all the work of a short command. */
export function formatNumber(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** `1 message`, `2 messages`, `12,000 messages`. */
export function formatCount(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? "" : "s"}`;
}
