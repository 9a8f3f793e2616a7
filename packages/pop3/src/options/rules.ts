import { InvalidArgumentError } from "../errors/usage.ts";

/** What may be given for one option. */
export interface Rule {
  /** In words, for the error message. */
  readonly allowed: string;
  readonly fits: (value: unknown) => boolean;
  /** Its value is never shown. */
  readonly secret?: true;
}

/** One rule for each option. */
export type Rules<Options> = { readonly [Name in keyof Options]-?: Rule };

const oneOf = (...values: readonly unknown[]): Rule => ({
  allowed: values.map((value) => JSON.stringify(value)).join(", "),
  fits: (value) => values.includes(value),
});
const count = (unit: string): Rule => ({
  allowed: `a number of ${unit} from 1 on, or Infinity`,
  fits: (value) => typeof value === "number" && value >= 1,
});
const text: Rule = {
  allowed: "a text that is not empty",
  fits: (value) => typeof value === "string" && value !== "",
};

/** The rules of which those for an object of options are made. */
export const rule = {
  oneOf,
  count,
  text,
  secret: { ...text, secret: true },
  truth: oneOf(true, false),
  octets: count("octets"),
  lambda: { allowed: "a function", fits: (value: unknown) => typeof value === "function" },
  object: (what: string): Rule => ({ allowed: what, fits: isObject }),
  number: (least: number, unit: string): Rule => ({
    allowed: `a number ${least === 0 ? "from 0 on" : "above 0"}, in ${unit}, or Infinity`,
    fits: (value) => typeof value === "number" && (least === 0 ? value >= 0 : value > 0),
  }),
  listOf: (what: string, fits: (value: unknown) => boolean): Rule => ({
    allowed: what,
    fits: (value) => (Array.isArray(value) ? value.length > 0 && value.every(fits) : fits(value)),
  }),
} as const;

/**
 * Checks an object of options against the rules for them. Throws InvalidArgumentError, which names the call, the option,
 * what was given and what is allowed. An option whose value is undefined counts as not given.
 */
export function check(
  call: string,
  what: string,
  given: object,
  rules: Readonly<Record<string, Rule>>,
  required: readonly string[] = [],
): void {
  if (!isObject(given)) throw wrong(call, what, shown(given), "an object");
  const prefix = what === "options" || what === "request" ? "" : `${what}.`;
  for (const [name, value] of Object.entries(given)) {
    const known = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (value === undefined || (known === undefined && isVerification(name))) continue;
    if (known === undefined)
      throw new InvalidArgumentError(
        `${call}: there is no option ${prefix}${name.slice(0, 60)}; there are ${Object.keys(rules).join(", ")}`,
      );
    if (!known.fits(value))
      throw wrong(call, prefix + name, known.secret === true ? typeof value : shown(value), known.allowed);
  }
  for (const name of required)
    if (Reflect.get(given, name) === undefined)
      throw wrong(call, prefix + name, "nothing", rules[name]?.allowed ?? "");
}

/** The error for one value that is not allowed. */
export function wrong(call: string, name: string, given: string, allowed: string): InvalidArgumentError {
  return new InvalidArgumentError(`${call}: ${name} was given as ${given}; allowed is ${allowed}`);
}

/** Node's option for switching verification off. It has no effect here, and `checkOptions` says so to who gives it. */
function isVerification(name: string): boolean {
  return name === "rejectUnauthorized";
}

export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value as it may stand in an error message. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
