import type { z } from "zod";
import type { Configuration } from "../account/settings.ts";
import {
  byPosition,
  ConfigurationError,
  type ConfigurationProblem,
  fieldName,
} from "./configuration-error.ts";
import { configurationOf } from "./configuration-of.ts";
import { hookSchema } from "./hook-schema.ts";
import { fieldsOf } from "./raw-fields.ts";
import { accountSchema, fileSchema } from "./schema.ts";
import { type FieldPath, type Position, readYaml, type YamlSource } from "./yaml-source.ts";

type Issue = z.core.$ZodIssue;

/**
 * Reads the text of an accounts file.
 * @param file its absolute path
 * @throws ConfigurationError with everything that is wrong
 */
export function parseConfiguration(file: string, text: string): Configuration {
  const source = readYaml(text);
  const problems = source.problems.map(({ position, message }) => problem(position, [], message));
  if (source.isBroken) throw new ConfigurationError(file, problems);
  if (source.value === null) {
    const message = "the file is empty: it needs accounts; 'mailonce init' writes a commented one";
    throw new ConfigurationError(file, [{ line: null, column: null, field: "", message }]);
  }
  const result = fileSchema.safeParse(source.value);
  const issues = withThoseUnderBadNames(result.error?.issues ?? [], source.value);
  problems.push(...withoutEcho(issues).flatMap((issue) => problemsOf(issue, source)));
  problems.push(...sharedMaildrops(source), ...doubleLogins(source));
  if (result.data === undefined || problems.length > 0)
    throw new ConfigurationError(file, problems.sort(byPosition));
  return configurationOf(file, result.data);
}

/** Adds the issues of entries whose name is not allowed: zod does not look into those. */
function withThoseUnderBadNames(issues: readonly Issue[], value: unknown): readonly Issue[] {
  return issues.flatMap((issue) => {
    if (issue.code !== "invalid_key") return [issue];
    const { path } = issue;
    const schema = path.at(-2) === "hooks" ? hookSchema : accountSchema;
    const inner = schema.safeParse(partOf(value, path)).error?.issues ?? [];
    const here = inner.map((one): Issue => ({ ...one, path: [...path, ...one.path] }));
    return [issue, ...withThoseUnderBadNames(here, value)];
  });
}

/** Leaves out that a field is missing where a misspelt one is reported in the same mapping. */
function withoutEcho(issues: readonly Issue[]): readonly Issue[] {
  const misspelt = new Set(
    issues.filter(({ code }) => code === "unrecognized_keys").map(({ path }) => fieldName(path)),
  );
  return issues.filter(({ code, path }) => code !== "custom" || !misspelt.has(fieldName(path)));
}

function problemsOf(issue: Issue, source: YamlSource): ConfigurationProblem[] {
  const { path } = issue;
  switch (issue.code) {
    case "unrecognized_keys": {
      const messages = issue.message.split("\n");
      return issue.keys.map((key, n) =>
        problem(source.keyAt([...path, key]), [...path, key], messages[n] ?? "there is no such field"),
      );
    }
    case "invalid_key":
      return [problem(source.keyAt(path), path, issue.issues[0]?.message ?? "this name is not allowed")];
    case "invalid_type":
      return [problem(source.valueAt(path), path, mustBe(issue.expected, partOf(source.value, path)))];
    case "invalid_union":
      // A union is of `none` and something else: the other part's error says what is allowed.
      return (issue.errors.at(-1) ?? []).flatMap((inner) =>
        problemsOf({ ...inner, path: [...path, ...inner.path] }, source),
      );
    case "too_small":
      return [problem(source.valueAt(path), path, "is an empty list: leave it out, or fill it")];
    default:
      return [problem(source.valueAt(path), path, issue.message)];
  }
}

function mustBe(expected: string, value: unknown): string {
  if (value === undefined) return "is missing";
  if (value === null) return "has no value: give it fields, indented by two blanks, or leave it out";
  return expected === "array"
    ? "must be a list: [ONE, TWO], or lines that begin with a hyphen"
    : "must have fields of its own, each on a line, indented by two blanks";
}

/** Two accounts on one maildrop would each take the other's mail for known, under unlike settings. */
function sharedMaildrops({ value, valueAt, keyAt }: YamlSource): ConfigurationProblem[] {
  const accounts = fieldsOf(fieldsOf(value)["accounts"]);
  const first = new Map<string, string>();
  return Object.entries(accounts).flatMap(([name, account]) => {
    const { maildrop } = fieldsOf(account);
    // On the command line, too, names are compared after normalisation.
    const own = (typeof maildrop === "string" ? maildrop : name).normalize();
    const other = first.get(own);
    first.set(own, other ?? name);
    if (other === undefined) return [];
    const path = ["accounts", name, ...(typeof maildrop === "string" ? ["maildrop"] : [])];
    const position = typeof maildrop === "string" ? valueAt(path) : keyAt(path);
    return [problem(position, path, `the account ${other} has this maildrop already: each needs its own`)];
  });
}

function doubleLogins({ value, keyAt }: YamlSource): ConfigurationProblem[] {
  const file = fieldsOf(value);
  const places: [FieldPath, unknown][] = [
    [["defaults"], file["defaults"]],
    ...Object.entries(fieldsOf(file["accounts"])).map(([name, account]): [FieldPath, unknown] => [
      ["accounts", name],
      account,
    ]),
  ];
  return places.flatMap(([path, fields]) => {
    if (!("password" in fieldsOf(fields)) || !("oauth2" in fieldsOf(fields))) return [];
    const field = [...path, "oauth2"];
    return [
      problem(keyAt(field), field, "there is a password, too: an account logs in by the one or the other"),
    ];
  });
}

function partOf(value: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}

function problem(position: Position, path: FieldPath, message: string): ConfigurationProblem {
  return { ...position, field: fieldName(path), message };
}
