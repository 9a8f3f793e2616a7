import { FailureError } from "../failure/failure-error.ts";
import type { FieldPath } from "./yaml-source.ts";

/** One thing that is wrong in an accounts file. Neither the message nor the field holds a secret. */
export interface ConfigurationProblem {
  /** 1-based; null where it is the file as a whole. */
  readonly line: number | null;
  readonly column: number | null;
  /** Such as `accounts.work.url`; empty for the file as a whole. */
  readonly field: string;
  /** What is wrong, and what is allowed. */
  readonly message: string;
}

/** An accounts file that cannot be used: everything that is wrong in it. Its kind is `config`. */
export class ConfigurationError extends FailureError {
  readonly file: string;
  readonly problems: readonly ConfigurationProblem[];

  constructor(file: string, problems: readonly ConfigurationProblem[]) {
    const lines = problems.map((problem) => problemLine(file, problem));
    const more = lines.length > 1 ? ` (and ${lines.length - 1} more in this file)` : "";
    super("configuration", `${lines[0] ?? file}${more}`, "config");
    this.file = file;
    this.problems = problems;
  }

  /** One line for each problem: `FILE:LINE:COLUMN: FIELD: MESSAGE`. */
  override get lines(): readonly string[] {
    return this.problems.map((problem) => problemLine(this.file, problem));
  }
}

function problemLine(file: string, { line, column, field, message }: ConfigurationProblem): string {
  const place = line === null ? file : `${file}:${line}:${column ?? 1}`;
  return field === "" ? `${place}: ${message}` : `${place}: ${field}: ${message}`;
}

/** `accounts.work.mechanisms[0]`. Names from the file are cut: they may be anything. */
export function fieldName(path: FieldPath): string {
  return path
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key).slice(0, 100)}`))
    .join("")
    .replace(/^\./, "");
}

/** In the order of the file. */
export function byPosition(a: ConfigurationProblem, b: ConfigurationProblem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
