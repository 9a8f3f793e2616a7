/** A header block of these lines, in UTF-8. */
export function header(...lines: readonly string[]): Uint8Array {
  return Buffer.from([...lines, "", ""].join("\r\n"), "utf8");
}
