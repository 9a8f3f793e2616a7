import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
  type YAMLMap,
} from "yaml";

/** A place in a file; both 1-based. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** From the outermost mapping's key to the innermost one's, or an index of a list. */
export type FieldPath = readonly PropertyKey[];

/** A YAML or JSON text that was read, and where each part of it stands. */
export interface YamlSource {
  /** Plain objects, lists and scalars; null for an empty text. */
  readonly value: unknown;
  readonly problems: readonly { readonly position: Position; readonly message: string }[];
  /** True: the text could not be read as a whole, and `value` means nothing. */
  readonly isBroken: boolean;
  /** Where the value at this path stands, or the innermost part of the path that is there. */
  valueAt(path: FieldPath): Position;
  /** Where the last key of the path stands. */
  keyAt(path: FieldPath): Position;
}

/** Aliases in a small file could make a huge value: at most so many are followed. */
const MAX_ALIASES = 1000;

/** Our own words for the library's errors, whose messages may quote the file, and a secret with it. */
const SENTENCES: Readonly<Partial<Record<YAMLError["code"], string>>> = {
  BAD_DQ_ESCAPE: "in double quotes a backslash begins an escape: double it, or use single quotes",
  BAD_INDENT: "the indentation is wrong here, or a closing bracket is missing before",
  BAD_SCALAR_START: "a value that begins with this character must stand in quotes",
  BLOCK_AS_IMPLICIT_KEY: "two fields on one line, or a value that holds a colon: put such a value in quotes",
  DUPLICATE_KEY: "this field is given twice",
  MISSING_CHAR: "a closing quote or bracket, a comma or a colon is missing here",
  MULTIPLE_DOCS: "a second document (---) begins here: one file holds one",
  TAB_AS_INDENT: "a tab is not allowed as indentation in YAML: use blanks",
  TAG_RESOLVE_FAILED: "tags (!…) mean nothing here",
};

/** Reads a text as YAML 1.2, of which JSON is a part. Does not throw: what is wrong comes back as problems. */
export function readYaml(text: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    logLevel: "error",
    stringKeys: true,
  });
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems: { position: Position; message: string }[] = [];
  const tell = (offset: number, message: string): void => {
    const position = positionOf(offset);
    // One slip makes the parser complain of all that follows on the line.
    if (!problems.some((problem) => problem.position.line === position.line))
      problems.push({ position, message });
  };
  for (const { code, pos } of [...document.errors, ...document.warnings]) {
    tell(pos[0], SENTENCES[code] ?? "this is no YAML: look at indentation, quotes and colons");
  }
  const isBroken = document.errors.some(({ code }) => code !== "DUPLICATE_KEY");
  let unresolved = false;
  visit(document, {
    Alias(_key, node) {
      if (node.resolve(document) !== undefined) return;
      unresolved = true;
      tell(
        node.range?.[0] ?? 0,
        "there is no anchor (&…) of this name before; a value that begins with * must stand in quotes",
      );
    },
  });
  visit(document, {
    Pair(_key, { key }) {
      // In an object this key would set the prototype, and the field would be ignored silently.
      if (isScalar(key) && key.value === "__proto__") tell(key.range?.[0] ?? 0, "this name is not allowed");
    },
  });
  let value: unknown = null;
  if (!isBroken && !unresolved) {
    try {
      value = document.toJS({ maxAliasCount: MAX_ALIASES });
    } catch {
      tell(0, "anchors and aliases make this file too large");
    }
  }
  return {
    value,
    problems,
    isBroken: isBroken || unresolved || (value === null && problems.length > 0),
    valueAt: (path) => positionOf(offsetOf(document, path, "value")),
    keyAt: (path) => positionOf(offsetOf(document, path, "key")),
  };
}

function offsetOf(document: Document.Parsed, path: FieldPath, which: "key" | "value"): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, key] of path.entries()) {
    const inner = resolved(document, node);
    if (isSeq(inner)) {
      node = inner.items[Number(key)];
      offset = startOf(node) ?? offset;
      continue;
    }
    const pair = isMap(inner) ? pairOf(document, inner, String(key)) : undefined;
    if (pair === undefined) break;
    const keyOffset = startOf(pair.key) ?? offset;
    const isLast = depth === path.length - 1;
    const valueIsThere = !isScalar(pair.value) || pair.value.value !== null || pair.value.source !== "";
    offset = isLast && which === "value" && valueIsThere ? (startOf(pair.value) ?? keyOffset) : keyOffset;
    node = pair.value;
  }
  return offset;
}

function pairOf(document: Document.Parsed, map: YAMLMap, key: string): Pair | undefined {
  const named = (name: string): Pair | undefined =>
    map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === name);
  const own = named(key);
  if (own !== undefined) return own;
  const merged = resolved(document, named("<<")?.value);
  return isMap(merged) ? pairOf(document, merged, key) : undefined;
}

function resolved(document: Document.Parsed, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function startOf(node: unknown): number | undefined {
  if (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) return node.range?.[0];
  return undefined;
}
