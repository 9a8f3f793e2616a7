/** A property of an error that is a text; else nothing. */
export function text(object: unknown, key: string): string {
  const value: unknown = typeof object === "object" && object !== null ? Reflect.get(object, key) : undefined;
  return typeof value === "string" ? value : "";
}

/** A property that is a list of texts. */
export function listOf(object: object, key: string): readonly string[] {
  const value: unknown = Reflect.get(object, key);
  return Array.isArray(value) ? value.map((one) => oneLine(String(one))) : [];
}

/** No more than one line of what somebody else says, without what a terminal would obey. */
export function oneLine(message: string, longest = 300): string {
  const line = message.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ").trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}
