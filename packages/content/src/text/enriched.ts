/** `<<` is a `<` of the text; commands have up to 60 characters (RFC 1896). */
const TOKEN = /<<|<(\/?)([a-z0-9-]{1,60})>|\n+|[^<\n]+|</gi;

/** What stands between these is for programs. */
const UNSHOWN: ReadonlySet<string> = new Set(["param", "comment"]);
/** What they stand for in text/richtext (RFC 1341 section 7.1.3). */
const SIGNS: Readonly<Record<string, string>> = { nl: "\n", np: "\n\n", lt: "<" };

/**
 * Reads text/enriched (RFC 1896) or its older kind, text/richtext: commands are left out, excerpts are quoted.
 * @param text lines parted by LF
 */
export function readEnriched(text: string, kind: "enriched" | "richtext"): string {
  const lines: string[] = [];
  let line = "";
  let excerpts = 0;
  let unshown = 0;
  let asWritten = 0;
  const endLine = (): void => {
    lines.push(excerpts > 0 ? `> ${line}`.trimEnd() : line);
    line = "";
  };
  const add = (shown: string): void => {
    for (const [at, piece] of shown.split("\n").entries()) {
      if (at > 0) endLine();
      line += piece;
    }
  };
  for (const [token, slash, command] of text.matchAll(TOKEN)) {
    const name = command?.toLowerCase();
    const step = slash === "/" ? -1 : 1;
    if (name === undefined) {
      if (unshown > 0) continue;
      if (token.startsWith("\n")) add(asWritten > 0 ? token : breakOf(token.length, kind));
      else add(token === "<<" ? "<" : token);
    } else if (UNSHOWN.has(name)) unshown = Math.max(0, unshown + step);
    else if (name === "nofill" || name === "verbatim") asWritten = Math.max(0, asWritten + step);
    else if (name === "excerpt") {
      if (line !== "") endLine();
      excerpts = Math.max(0, excerpts + step);
    } else if (kind === "richtext" && slash !== "/" && unshown === 0) {
      add(SIGNS[name] ?? (name === "paragraph" && line !== "" ? "\n" : ""));
    }
  }
  if (line !== "") endLine();
  return lines.join("\n");
}

/** One line end is a blank; of more, one parts nothing (RFC 1896). In text/richtext all are blanks. */
function breakOf(lineEnds: number, kind: "enriched" | "richtext"): string {
  return kind === "richtext" || lineEnds === 1 ? " " : "\n".repeat(lineEnds - 1);
}
