import { Cron } from "croner";
import { z } from "zod";
import { type AccountAddress, PASSWORD_IN_URL, parseAccountUrl } from "../account/account-url.ts";
import type { Schedule } from "../account/settings.ts";
import { FailureError } from "../failure/failure-error.ts";
import { FieldError } from "../text/field-error.ts";
import { FINGERPRINT_FORMS, readFingerprint } from "../text/fingerprint.ts";
import { didYouMean } from "../text/suggestion.ts";
import { DURATION_FORM, OCTETS_FORM, parseDuration, parseOctets } from "../text/units.ts";

const NO_PASSWORD =
  "a password does not belong in the URL: leave it out, and write where it is kept: password: { env: NAME }, { file: PATH } or { command: pass show NAME }";

type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * A field that is read by a function of ours, so that every error says what is allowed; `json` tells editors the same.
 * The function throws FieldError.
 */
export function field<T>(description: string, json: JsonSchema, read: (value: unknown) => T) {
  return z
    .unknown()
    .meta({ ...json, description })
    .transform((value, context): T => {
      try {
        if (value === null) throw new FieldError("has no value: give one, or leave the field out");
        return read(value);
      } catch (error) {
        if (!(error instanceof FieldError)) throw error;
        context.addIssue({ code: "custom", message: error.message });
        return z.NEVER;
      }
    });
}

/** A mapping that has these fields and no others; what is said of others has a line for each. */
export function mapping<T extends z.ZodRawShape>(shape: T) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => unknownField(key, Object.keys(shape))).join("\n")
        : undefined,
  });
}

function unknownField(key: string, allowed: readonly string[]): string {
  const meant = didYouMean(key, allowed) || `; allowed are ${allowed.join(", ")}`;
  return `there is no field ${key.slice(0, 60)} here${meant}`;
}

/** A text that is not empty. */
export function text(description: string, form = "a text"): z.ZodType<string> {
  return field(description, { type: "string", minLength: 1 }, (value) => readText(value, form));
}

/** A path, relative to the file's folder. */
export function path(description: string): z.ZodType<string> {
  return text(description, "the path of a file");
}

export function duration(description: string): z.ZodType<number> {
  return field(description, DURATION, (value) => readDuration(value));
}

/** One that no timer has to wait for: up to ten years. */
export function longDuration(description: string): z.ZodType<number> {
  return field(description, DURATION, (value) => readDuration(value, 3650 * 86_400_000));
}

const DURATION = {
  type: "string",
  pattern: "^(\\d+(ms|s|m|h|d) ?)+$",
  examples: ["30s", "5m", "1h30m"],
};

export function octets(description: string): z.ZodType<number> {
  const json = {
    anyOf: [
      { type: "integer", minimum: 1 },
      { type: "string", pattern: "^\\d+[kKmMgG]?$" },
    ],
    examples: ["25M"],
  };
  return field(description, json, (value) => {
    const read = typeof value === "number" || typeof value === "string" ? parseOctets(String(value)) : null;
    if (read === null) throw new FieldError(`must be ${OCTETS_FORM}`);
    return read;
  });
}

export function integer(description: string, least: number, most: number): z.ZodType<number> {
  return field(description, { type: "integer", minimum: least, maximum: most }, (value) => {
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
    throw new FieldError(`must be a whole number from ${least} to ${most}`);
  });
}

export function truth(description: string): z.ZodType<boolean> {
  return field(description, { type: "boolean" }, (value) => {
    if (typeof value === "boolean") return value;
    throw new FieldError("must be true or false");
  });
}

export function oneOf<const T extends string>(description: string, names: readonly T[]): z.ZodType<T> {
  return field(description, { enum: names }, (value) => {
    const found = names.find((name) => name === value);
    if (found === undefined) {
      const meant = typeof value === "string" ? didYouMean(value, names) : "";
      throw new FieldError(`must be one of ${names.join(", ")}${meant}`);
    }
    return found;
  });
}

/** One text or a list of them, each read by `read`, which throws FieldError. */
export function texts(
  description: string,
  form: string,
  read: (text: string) => string = (item) => item,
): z.ZodType<readonly string[]> {
  const one = { type: "string", minLength: 1 };
  const json = { anyOf: [one, { type: "array", items: one, minItems: 1 }] };
  return field(description, json, (value) => {
    const list: unknown[] = Array.isArray(value) ? value : [value];
    if (list.length === 0) throw new FieldError(`is an empty list: must be ${form}, or a list of such`);
    const one = (item: unknown): string => read(readText(item, `${form}, or a list of such`));
    return Array.isArray(value)
      ? readAll(list.map((item, n) => [`item ${n + 1}: `, () => one(item)]))
      : [one(value)];
  });
}

/** A program with its arguments; never through a shell. */
export function program(description: string): z.ZodType<readonly string[]> {
  const json = { type: "array", items: { type: "string" }, minItems: 1 };
  return field(description, json, (value) =>
    readProgram(value, 'a program and its arguments as a list, such as ["/usr/bin/notify", "--new"]'),
  );
}

/** A list of a program and its arguments, or one text for the shell. */
export function command(description: string): z.ZodType<string | readonly string[]> {
  const json = {
    anyOf: [
      { type: "string", minLength: 1 },
      { type: "array", items: { type: "string" }, minItems: 1 },
    ],
    examples: ["pass show mail/work"],
  };
  return field(description, json, (value) =>
    typeof value === "string"
      ? readText(value, "a command")
      : readProgram(value, "a command such as pass show mail/work, or a list of a program and its arguments"),
  );
}

export function accountUrl(description: string): z.ZodType<AccountAddress> {
  const json = {
    type: "string",
    pattern: "^[Pp][Oo][Pp]3[Ss]?://",
    examples: ["pop3s://joe@mail.example.org"],
  };
  return field(description, json, (value) => {
    if (value === undefined) throw new FieldError("is missing: such as pop3s://USER@HOST");
    try {
      return parseAccountUrl(readText(value, "a URL such as pop3s://USER@HOST"));
    } catch (error) {
      if (!(error instanceof FailureError)) throw error;
      throw new FieldError(error.message === PASSWORD_IN_URL ? NO_PASSWORD : error.message);
    }
  });
}

/** A URL of one of these schemes (with the colon). */
export function url(description: string, schemes: readonly string[]): z.ZodType<string> {
  const form = `a URL that begins with ${schemes.map((scheme) => `${scheme}//`).join(" or ")}`;
  const json = { type: "string", pattern: `^(${schemes.join("|")})//` };
  return field(description, json, (value) => {
    const read = readText(value, form);
    const parsed = URL.canParse(read) ? new URL(read) : null;
    if (parsed === null || !schemes.includes(parsed.protocol) || parsed.hostname === "")
      throw new FieldError(`must be ${form}`);
    return read;
  });
}

/** `5m`, `{ cron: "0 7 * * *", timeZone: Europe/Berlin }` or `never`. */
export function schedule(description: string): z.ZodType<Schedule | "never"> {
  const form = 'must be an interval such as 5m, or { cron: "0 7 * * *", timeZone: Europe/Berlin }, or never';
  const json = {
    anyOf: [
      { type: "string", pattern: "^(never|(\\d+(ms|s|m|h|d) ?)+)$" },
      {
        type: "object",
        properties: { cron: { type: "string" }, timeZone: { type: "string" } },
        required: ["cron"],
        additionalProperties: false,
      },
    ],
  };
  return field(description, json, (value) => {
    if (value === "never") return value;
    if (typeof value === "string") {
      const ms = parseDuration(value);
      if (ms === null || ms < 1000) throw new FieldError(form);
      return { kind: "interval", ms };
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new FieldError(form);
    const { cron, timeZone, ...rest } = value as Record<string, unknown>;
    if (typeof cron !== "string" || Object.keys(rest).length > 0) throw new FieldError(form);
    const [expression, zone] = readAll<string | null>([
      ["", () => readCron(cron)],
      ["", () => readTimeZone(timeZone)],
    ]);
    return { kind: "cron", expression: expression ?? "", timeZone: zone ?? null };
  });
}

/** Fingerprints by SHA-256, as the POP3 client takes them. */
export function pins(description: string): z.ZodType<readonly string[]> {
  return texts(description, FINGERPRINT_FORMS, readFingerprint);
}

/** Reads several parts of a field. @throws FieldError with what is wrong in all of them */
function readAll<T>(parts: readonly (readonly [name: string, read: () => T])[]): T[] {
  const wrong: string[] = [];
  const values = parts.flatMap(([name, read]): T[] => {
    try {
      return [read()];
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      wrong.push(`${name}${error.message}`);
      return [];
    }
  });
  if (wrong.length > 0) throw new FieldError(wrong.join("; "));
  return values;
}

function readText(value: unknown, form: string): string {
  if (value === undefined) throw new FieldError(`is missing: must be ${form}`);
  if (typeof value === "number" || typeof value === "boolean")
    throw new FieldError(`must be ${form}; put it in quotes`);
  if (typeof value !== "string" || value.trim() === "") throw new FieldError(`must be ${form}`);
  if (/\p{Cc}/u.test(value)) throw new FieldError(`must be ${form}, on one line`);
  return value;
}

function readDuration(value: unknown, mostMs?: number): number {
  if (typeof value === "number") throw new FieldError(`needs a unit: must be ${DURATION_FORM}`);
  const ms = typeof value === "string" ? parseDuration(value, mostMs) : null;
  if (ms === null) throw new FieldError(`must be ${DURATION_FORM}`);
  return ms;
}

function readProgram(value: unknown, form: string): readonly string[] {
  const isProgram =
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((word) => typeof word === "string") &&
    value[0] !== "";
  if (!isProgram) throw new FieldError(`must be ${form}`);
  return value;
}

function readCron(expression: string): string {
  try {
    new Cron(expression, { paused: true }).stop();
    return expression;
  } catch {
    throw new FieldError(
      'must be a cron expression of five fields: minute, hour, day of the month, month, day of the week, such as "30 7 * * 1-5"',
    );
  }
}

function readTimeZone(value: unknown): string | null {
  if (value === undefined) return null;
  try {
    if (typeof value !== "string") throw new RangeError();
    new Intl.DateTimeFormat("en", { timeZone: value });
    return value;
  } catch {
    throw new FieldError("timeZone must be a name of the time zone database, such as Europe/Berlin or UTC");
  }
}
