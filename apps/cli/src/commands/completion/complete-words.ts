import { type Configuration, readConfiguration } from "@mailonce/runtime/config";
import type { Argument, Command, Option } from "commander";
import { HELP_TOPICS } from "../../help/topics.ts";
import { safeLine } from "../../output/safe-text.ts";

/** What may stand in place of a word. */
interface Candidate {
  readonly value: string;
  readonly about: string;
}

type Place = "files" | "directories" | readonly Candidate[];

/** By the name of an argument or of an option's value. */
const FILES = new Set(["FILE", "<FILE>"]);
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
  const line = readLine(words.slice(0, -1), program);
  const current = words.at(-1) ?? "";
  const place = await placeOf(line, current, program, env);
  if (typeof place === "string") return [`:${place}`];
  return place
    .filter(({ value }) => value.startsWith(current))
    .map(({ value, about }) => `${value}\t${safeLine(about)}`);
}

/** The words before the current one, understood as far as completion needs. */
interface Line {
  readonly command: Command;
  /** The option whose value comes next. */
  readonly option: Option | null;
  readonly operands: readonly string[];
  readonly given: ReadonlyMap<string, string>;
  /** After `--` no word is an option. */
  readonly noOptions: boolean;
}

function readLine(words: readonly string[], program: Command): Line {
  let command = program;
  let option: Option | null = null;
  let noOptions = false;
  const operands: string[] = [];
  const given = new Map<string, string>();
  for (const word of words) {
    if (option !== null) {
      given.set(option.long ?? "", word);
      option = null;
    } else if (word === "--") noOptions = true;
    else if (!noOptions && word.startsWith("-")) {
      const found = command.options.find(({ long, short }) => long === word || short === word);
      if (found?.required === true) option = found;
      else given.set(word.replace(/=.*/s, ""), word.replace(/^[^=]*=?/s, ""));
    } else {
      const next = operands.length === 0 ? command.commands.find((one) => one.name() === word) : undefined;
      if (next === undefined) operands.push(word);
      else command = next;
    }
  }
  return { command, option, operands, given, noOptions };
}

async function placeOf(
  line: Line,
  current: string,
  program: Command,
  env: NodeJS.ProcessEnv,
): Promise<Place> {
  const { command, option, operands, given, noOptions } = line;
  if (option !== null) return valuesOf(option, given, env);
  if (current.startsWith("-") && !noOptions) return optionsOf(command, given);
  if (command.commands.length > 0 && operands.length === 0) return commandsOf(command);
  const argument =
    command.registeredArguments[Math.min(operands.length, command.registeredArguments.length - 1)];
  if (
    argument === undefined ||
    (operands.length >= command.registeredArguments.length && !argument.variadic)
  ) {
    return [];
  }
  return operandsOf(argument, operands, given, program, env);
}

async function valuesOf(
  option: Option,
  given: ReadonlyMap<string, string>,
  env: NodeJS.ProcessEnv,
): Promise<Place> {
  const name = /<(.+)>/.exec(option.flags)?.[1] ?? "";
  if (option.argChoices !== undefined)
    return option.argChoices.map((value) => ({ value, about: option.description }));
  if (FILES.has(name)) return "files";
  if (DIRECTORIES.has(name)) return "directories";
  return ACCOUNTS.has(name) && option.long === "--maildrop" ? accountsOf(given, env) : [];
}

function optionsOf(command: Command, given: ReadonlyMap<string, string>): readonly Candidate[] {
  const own = command.options.filter(({ long, hidden }) => !hidden && long !== undefined && !given.has(long));
  return [
    ...own.map(({ long, description }) => ({ value: long ?? "", about: description })),
    { value: "--help", about: "show help" },
  ];
}

function commandsOf(command: Command): readonly Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((one) => ({ value: one.name(), about: one.description() }));
}

async function operandsOf(
  argument: Argument,
  operands: readonly string[],
  given: ReadonlyMap<string, string>,
  program: Command,
  env: NodeJS.ProcessEnv,
): Promise<Place> {
  const name = argument.name();
  if (argument.argChoices !== undefined) {
    return argument.argChoices.map((value) => ({ value, about: argument.description }));
  }
  if (name === "TOPIC") return topicsOf(operands, program);
  if (FILES.has(name)) return "files";
  if (!ACCOUNTS.has(name)) return [];
  const accounts = await accountsOf(given, env);
  return accounts.filter(({ value }) => !operands.includes(value));
}

function topicsOf(operands: readonly string[], program: Command): readonly Candidate[] {
  if (operands.length === 0) {
    return [...HELP_TOPICS.map(({ name, about }) => ({ value: name, about })), ...commandsOf(program)];
  }
  const command = program.commands.find((one) => one.name() === operands[0]);
  return command === undefined || operands.length > 1 ? [] : commandsOf(command);
}

async function accountsOf(
  given: ReadonlyMap<string, string>,
  env: NodeJS.ProcessEnv,
): Promise<readonly Candidate[]> {
  const file = given.get("--config");
  const configuration: Configuration | null = await readConfiguration({ env, given: file }).catch(() => null);
  return (configuration?.accounts ?? []).map(({ name, account }) => ({
    value: name,
    about: `${account.user} at ${account.host}`,
  }));
}
