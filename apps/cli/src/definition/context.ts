import type { Command } from "commander";
import type { Invocation } from "../input/invocation.ts";
import type { ExitCode } from "../output/exit-code.ts";

/**
 * Does the work of a command. It is given the arguments of the command line in their order, then the options, then the
 * invocation. It resolves to the exit code, which is 0 if it gives none; an error that it throws has its own exit code.
 */
export type Work = (...args: never[]) => Promise<ExitCode> | Promise<void>;

/** What a command is added to, and what it is given when it is called. */
export interface CommandContext {
  readonly program: Command;
  readonly invocation: Invocation;
  /** Makes a command's action from a function that loads the command's work, which is so when the command is called. */
  readonly action: (load: () => Promise<Work>) => (...args: unknown[]) => Promise<void>;
}

/** The description of `--config`. */
export const CONFIG_HELP =
  "the accounts file (default: mailonce.yaml here or in your configuration directory)";

/**
 * Adds a command that reads the accounts file or the database.
 * @param help what its help says after the options: examples, and its exit codes
 */
export function readCommand(program: Command, name: string, description: string, help: string): Command {
  return program
    .command(name)
    .description(description)
    .option("--config <FILE>", CONFIG_HELP)
    .option("--database <URL>", "sqlite:FILE, mysql://USER@HOST/DB or mariadb://USER@HOST/DB")
    .option("--json", "write JSON Lines to standard output")
    .showHelpAfterError(`Try: mailonce ${program.parent === null ? "" : `${program.name()} `}${name} --help`)
    .addHelpText("after", help);
}

/** Adds a command that has commands of its own below it, and does nothing itself. */
export function groupCommand(program: Command, name: string, description: string, help: string): Command {
  return program.command(name).description(description).helpCommand(false).addHelpText("after", help);
}
