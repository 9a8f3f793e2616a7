/** The beginning of a text that takes at most so many octets in UTF-8, not cut within a character. */
export function beginningOf(
  text: string,
  octets: number,
): { readonly text: string; readonly isCut: boolean } {
  const utf8 = Buffer.from(text.slice(0, octets + 1));
  if (utf8.length <= octets) return { text, isCut: false };
  let end = octets;
  while (end > 0 && ((utf8[end] ?? 0) & 0xc0) === 0x80) end--;
  return { text: utf8.toString("utf8", 0, end), isCut: true };
}
