import { type Configuration, readConfiguration } from "@mailonce/runtime/config";
import type { Argument, Command, Option } from "commander";
import { HELP_TOPICS } from "../../help/topics.ts";
import { safeLine } from "../../output/safe-text.ts";

/** What may stand in place of the word at the cursor, and what it is. */
interface Candidate {
  readonly value: string;
  readonly about: string;
}

/** What the shell is told: the candidates, or that it shall complete names of files or directories itself. */
type Answer = "files" | "directories" | readonly Candidate[];

/** What an argument, or the value of an option, is completed with: that is known by its name in the help. */
const FILES = new Set(["FILE", "PATH"]);
const DIRECTORIES = new Set(["DIR"]);
const ACCOUNTS = new Set(["ACCOUNT", "MAILDROP", "URL", "NAME"]);

/**
 * What a shell is told about the last of the words of a command line (without its first, `mailonce`): lines of a
 * candidate, a tab and what it is, or a line that leaves it to the shell. Never fails: a broken accounts file has no
 * names.
 */
export async function completions(
  words: readonly string[],
  program: Command,
  env: NodeJS.ProcessEnv,
): Promise<readonly string[]> {
  const current = words.at(-1) ?? "";
  const answer = await new Completion(words.slice(0, -1), program, env).answer(current);
  if (typeof answer === "string") return [`:${answer}`];
  return answer
    .filter(({ value }) => value.startsWith(current))
    .map(({ value, about }) => `${value}\t${safeLine(about)}`);
}

/** The words before the current one, understood as far as completion needs. */
class Completion {
  readonly #program: Command;
  readonly #env: NodeJS.ProcessEnv;
  #command: Command;
  /** The option whose value comes next. */
  #option: Option | null = null;
  /** After `--` no word is an option. */
  #noOptions = false;
  readonly #operands: string[] = [];
  readonly #given = new Map<string, string>();

  constructor(words: readonly string[], program: Command, env: NodeJS.ProcessEnv) {
    this.#program = program;
    this.#command = program;
    this.#env = env;
    for (const word of words) this.#read(word);
  }

  #read(word: string): void {
    if (this.#option !== null) {
      this.#given.set(this.#option.long ?? "", word);
      this.#option = null;
    } else if (word === "--") this.#noOptions = true;
    else if (!this.#noOptions && word.startsWith("-")) {
      const found = this.#command.options.find(({ long, short }) => long === word || short === word);
      if (found?.required === true) this.#option = found;
      else this.#given.set(word.replace(/=.*/s, ""), word.replace(/^[^=]*=?/s, ""));
    } else {
      const isFirst = this.#operands.length === 0;
      const next = isFirst ? this.#command.commands.find((one) => one.name() === word) : undefined;
      if (next === undefined) this.#operands.push(word);
      else this.#command = next;
    }
  }

  /** @param current the word at the cursor, as far as it is typed */
  async answer(current: string): Promise<Answer> {
    const command = this.#command;
    if (this.#option !== null) return this.#valuesOf(this.#option);
    if (current.startsWith("-") && !this.#noOptions) return this.#options();
    const position = this.#operands.length;
    if (command.commands.length > 0 && position === 0) return commandsOf(command);
    const known = command.registeredArguments;
    const argument = known[Math.min(position, known.length - 1)];
    if (argument === undefined || (position >= known.length && !argument.variadic)) return [];
    return this.#operandsOf(argument);
  }

  async #valuesOf({ flags, argChoices, description, long }: Option): Promise<Answer> {
    const name = /<([^.>]+)/.exec(flags)?.[1] ?? "";
    if (argChoices !== undefined) return argChoices.map((value) => ({ value, about: description }));
    if (FILES.has(name)) return "files";
    if (DIRECTORIES.has(name)) return "directories";
    return ACCOUNTS.has(name) && long === "--maildrop" ? this.#accounts() : [];
  }

  #options(): readonly Candidate[] {
    const own = this.#command.options.flatMap(({ long, hidden, description }) =>
      hidden || long === undefined || this.#given.has(long) ? [] : [{ value: long, about: description }],
    );
    return [...own, { value: "--help", about: "show help" }];
  }

  async #operandsOf(argument: Argument): Promise<Answer> {
    const { argChoices, description } = argument;
    const name = argument.name();
    if (argChoices !== undefined) return argChoices.map((value) => ({ value, about: description }));
    if (name === "TOPIC") return this.#topics();
    if (FILES.has(name)) return "files";
    if (!ACCOUNTS.has(name)) return [];
    return (await this.#accounts()).filter(({ value }) => !this.#operands.includes(value));
  }

  #topics(): readonly Candidate[] {
    const [first, ...more] = this.#operands;
    if (first === undefined)
      return [
        ...HELP_TOPICS.map(({ name, about }) => ({ value: name, about })),
        ...commandsOf(this.#program),
      ];
    const command = this.#program.commands.find((one) => one.name() === first);
    return command === undefined || more.length > 0 ? [] : commandsOf(command);
  }

  async #accounts(): Promise<readonly Candidate[]> {
    const read = readConfiguration({ env: this.#env, given: this.#given.get("--config") });
    const configuration: Configuration | null = await read.catch(() => null);
    return (configuration?.accounts ?? []).map(({ name, account }) => ({
      value: name,
      about: `${account.user} at ${account.host}`,
    }));
  }
}

function commandsOf(command: Command): readonly Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((one) => ({ value: one.name(), about: one.description() }));
}
