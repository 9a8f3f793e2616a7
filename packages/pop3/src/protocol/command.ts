import { InvalidArgumentError } from "../errors.ts";
import type { Verb } from "./verbs.ts";

export interface Command {
  readonly verb: Verb;
  readonly argument: string | null;
}

/**
 * A command whose arguments are safe to write. Throws InvalidArgumentError, which never quotes the argument.
 */
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

/** A command on one message. Throws InvalidArgumentError unless the number is a whole one from 1 on. */
export function messageCommand(verb: Verb, messageNumber: number, ...args: readonly number[]): Command {
  if (!(messageNumber >= 1)) throw new InvalidArgumentError(`${verb}: not a message number`);
  return command(verb, messageNumber, ...args);
}

function isLine(text: string): boolean {
  // These would end the command and begin another.
  return text !== "" && !/[\r\n\0]/.test(text);
}
