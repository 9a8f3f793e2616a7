/** The value of a property that is a string; else the empty string. */
export function text(object: unknown, key: string): string {
  const value: unknown = typeof object === "object" && object !== null ? Reflect.get(object, key) : undefined;
  return typeof value === "string" ? value : "";
}

/** The values of a property that is a list, each as one line of text; else none. */
export function listOf(object: object, key: string): readonly string[] {
  const value: unknown = Reflect.get(object, key);
  return Array.isArray(value) ? value.map((one) => oneLine(String(one))) : [];
}

/** One line of a foreign text, cut to `longest` characters and without control characters. */
export function oneLine(message: string, longest = 300): string {
  const line = message.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ").trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}
