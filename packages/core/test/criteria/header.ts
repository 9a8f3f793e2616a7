/** A header block of these lines; letters outside ASCII are written as UTF-8. */
export function header(...lines: readonly string[]): Uint8Array {
  return Buffer.from([...lines, "", ""].join("\r\n"), "utf8");
}
