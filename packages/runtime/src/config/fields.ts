import { z } from "zod";
import { type AccountAddress, PASSWORD_IN_URL, parseAccountUrl } from "../account/account-url.ts";
import { FailureError } from "../failure/failure-error.ts";
import { FieldError } from "../text/field-error.ts";
import { FINGERPRINT_FORMS, readFingerprint } from "../text/fingerprint.ts";
import { didYouMean } from "../text/suggestion.ts";
import { OCTETS_FORM, parseOctets } from "../text/units.ts";
import { readAll, readDuration, readProgram, readText } from "./values.ts";

const NO_PASSWORD =
  "a password does not belong in the URL: leave it out, and write where it is kept: password: { env: NAME }, { file: PATH } or { command: pass show NAME }";

type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * A field that is read by `read`, which throws FieldError that says what is allowed. `json` is its JSON Schema, which says
 * the same to editors.
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

/** A mapping that has these fields and no others. The error names each other field on a line of its own. */
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

/** Makes zod run a check although a field within the mapping is wrong, so that all problems are reported together. */
export const isMapping = ({ value }: { readonly value: unknown }): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Adds to a mapping's schema, and to its JSON Schema for editors, that exactly one of these fields must be there. */
export function oneKeyOf<T extends z.ZodObject>(schema: T, keys: readonly string[], description: string): T {
  return schema
    .refine((value) => keys.filter((key) => key in value).length === 1, {
      message: `must have exactly one of ${keys.join(", ")}`,
      when: isMapping,
    })
    .meta({ description, oneOf: keys.map((key) => ({ required: [key] })) });
}

/** A text that is not empty. */
export function text(description: string, form = "a text"): z.ZodType<string> {
  return field(description, { type: "string", minLength: 1 }, (value) => readText(value, form));
}

/** A path, relative to the file's folder. */
export function path(description: string): z.ZodType<string> {
  return text(description, "the path of a file");
}

/** A duration in ms, at most as long as a timer can wait unless something else is said. */
export function duration(description: string, mostMs?: number): z.ZodType<number> {
  return field(description, DURATION, (value) => readDuration(value, mostMs));
}

const DURATION = {
  type: "string",
  pattern: "^(\\d+(ms|s|m|h|d) ?)+$",
  examples: ["30s", "5m", "1h30m"],
};

/** A number of octets. */
export function octets(description: string): z.ZodType<number> {
  return field(description, { ...OCTETS_SCHEMA, examples: ["25M"] }, readOctets);
}

/** The JSON Schema of {@link readOctets}. */
export const OCTETS_SCHEMA = {
  anyOf: [
    { type: "integer", minimum: 1 },
    { type: "string", pattern: "^\\d+[kKmMgG]?$" },
  ],
};

/** @throws FieldError */
export function readOctets(value: unknown): number {
  const read = typeof value === "number" || typeof value === "string" ? parseOctets(String(value)) : null;
  if (read === null) throw new FieldError(`must be ${OCTETS_FORM}`);
  return read;
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

/** Fingerprints by SHA-256, as the POP3 client takes them. */
export function pins(description: string): z.ZodType<readonly string[]> {
  return texts(description, FINGERPRINT_FORMS, readFingerprint);
}
