import { isCancel, password, select, text, updateSettings } from "@clack/prompts";
import { FailureError } from "@mailonce/runtime";
import type { Invocation } from "../../input/invocation.ts";

/** Says what is wrong with an answer; undefined if nothing is. */
export type Validate = (answer: string) => string | undefined;

/** One of the answers that a question offers. */
export interface Choice<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly hint?: string;
}

/** Asks questions on a terminal. Each throws FailureError (`interrupted`) where Ctrl-C or Ctrl-D is the answer. */
export class Questions {
  readonly #common: { readonly input: NodeJS.ReadStream; readonly output: NodeJS.WriteStream };

  constructor({ stdin, stderr }: Invocation) {
    // Ctrl-D: the library would close its input, and wait for ever.
    updateSettings({ aliases: { "\u0004": "cancel" } });
    this.#common = { input: stdin, output: stderr };
  }

  /** A line of text, without white space around it. It begins as `initialValue`, and may be edited. */
  async line(message: string, initialValue: string, isWrong: Validate, placeholder = ""): Promise<string> {
    const validate = (value: string | undefined) => isWrong((value ?? "").trim());
    return answered(await text({ ...this.#common, message, initialValue, placeholder, validate })).trim();
  }

  /** A line that is not shown, and not empty. */
  async hidden(message: string): Promise<string> {
    const validate = (value: string | undefined) => (value ? undefined : "It is empty.");
    return answered(await password({ ...this.#common, message, validate }));
  }

  /** One of several answers. */
  async choice<T extends string>(message: string, choices: readonly Choice<T>[]): Promise<T> {
    const options = choices.map((each) => ({ ...each, value: each.value as string }));
    return answered(await select<string>({ ...this.#common, message, options })) as T;
  }
}

function answered(answer: string | symbol): string {
  if (isCancel(answer))
    throw new FailureError("interrupted", "interrupted; nothing was written", "interrupted");
  return answer as string;
}
