import { MailonceError } from "@mailonce/core";

/** A method was given something that it does not take: which argument, and what it takes. */
export class ArgumentError extends MailonceError {
  /** Its name, for example `messageId` or `query.limit`. */
  readonly argument: string;

  /** @param takes what is allowed, for people */
  constructor(argument: string, takes: string, given: unknown) {
    super("argument", `${argument} must be ${takes}; it is ${shown(given)}.`);
    this.argument = argument;
  }
}

/** Longest text that is repeated. */
const SHOWN = 40;

/** What was given in a few words. No more of an object than what kind it is: it may hold mail, or a secret. */
function shown(given: unknown): string {
  if (typeof given === "string")
    return given.length > SHOWN ? `a text of ${given.length} characters` : JSON.stringify(given);
  if (typeof given === "number" || typeof given === "boolean") return String(given);
  if (given === null || given === undefined) return String(given);
  if (given instanceof Date) return "a Date that is no time";
  if (Array.isArray(given)) return "an array";
  return typeof given === "object" ? "an object" : `a ${typeof given}`;
}
