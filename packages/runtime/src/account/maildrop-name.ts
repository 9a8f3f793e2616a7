/** The database's column holds so many octets. */
const MAX_OCTETS = 512;

/** The form of a maildrop's name, in words. */
export const MAILDROP_NAME_FORM = `a text on one line, at most ${MAX_OCTETS} octets, and no URL`;

/** Whether a value may be a maildrop's name. */
export function isMaildropName(value: unknown): value is string {
  if (typeof value !== "string" || value.trim() === "") return false;
  return !/\p{Cc}|:\/\//u.test(value) && Buffer.byteLength(value) <= MAX_OCTETS;
}
