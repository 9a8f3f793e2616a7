import { InvalidArgumentError } from "../errors/usage.ts";
import type { Verb } from "./verbs.ts";

/** A command that is safe to write. */
export interface Command {
  readonly verb: Verb;
  readonly argument: string | null;
  /** Further texts that are masked in the reply, such as the password inside a SASL response. */
  readonly masked?: readonly string[];
}

/** Makes a command. Throws InvalidArgumentError for an argument that is not safe to write, without quoting it. */
export function command(verb: Verb, ...args: readonly (string | number)[]): Command {
  for (const argument of args) {
    if (typeof argument === "number" ? !Number.isSafeInteger(argument) || argument < 0 : !isLine(argument)) {
      throw new InvalidArgumentError(
        `${verb}: an argument is empty, not a whole number, or holds CR, LF or NUL`,
      );
    }
  }
  return { verb, argument: args.length === 0 ? null : args.join(" ") };
}

/**
 * Makes a command on one message. Throws InvalidArgumentError unless the message number is a whole number from 1 on, and
 * the number of lines, if there is one, a whole number from 0 on.
 */
export function messageCommand(verb: Verb, messageNumber: number, lines?: number): Command {
  if (!Number.isSafeInteger(messageNumber) || messageNumber < 1)
    throw new InvalidArgumentError(`${verb}: not a message number`);
  if (lines === undefined) return { verb, argument: `${messageNumber}` };
  if (!Number.isSafeInteger(lines) || lines < 0)
    throw new InvalidArgumentError(`${verb}: not a number of lines`);
  return { verb, argument: `${messageNumber} ${lines}` };
}

/** AUTH with or without an initial response (RFC 5034 section 4). `masked` are the texts that are masked in the reply. */
export function authCommand(mechanism: string, initial: string | null, masked: readonly string[]): Command {
  return { ...command("AUTH", mechanism, ...(initial === null ? [] : [initial])), masked };
}

/** The answer to a challenge, in base64. It may be empty; `*` cancels the exchange. */
export function responseCommand(base64: string): Command {
  return { verb: "RESPONSE", argument: base64 };
}

function isLine(text: string): boolean {
  // CR and LF would end the command and begin another.
  return text !== "" && !/[\r\n\0]/.test(text);
}
