import type { Command } from "commander";
import type { Invocation } from "../input/invocation.ts";
import type { ExitCode } from "../output/exit-code.ts";

/**
 * Does the work of a command. It takes the arguments of the command line in their order, the options, and the
 * invocation; nothing for its exit code is 0. What it throws tells another one.
 */
export type Work = (...args: never[]) => Promise<ExitCode> | Promise<void>;

/** What a command is added to, and what it is given when it is called. */
export interface CommandContext {
  readonly program: Command;
  readonly invocation: Invocation;
  /** Makes the action of a command of what loads its work: that is loaded when the command is called, not before. */
  readonly action: (load: () => Promise<Work>) => (...args: unknown[]) => Promise<void>;
}

/**
 * Adds a command that reads the accounts file or the database.
 * @param help what its help says after the options: examples, and its exit codes
 */
export function readCommand(program: Command, name: string, description: string, help: string): Command {
  return program
    .command(name)
    .description(description)
    .option(
      "--config <FILE>",
      "the accounts file (default: mailonce.yaml here or in your configuration directory)",
    )
    .option("--database <URL>", "sqlite:FILE, mysql://USER@HOST/DB or mariadb://USER@HOST/DB")
    .option("--json", "write JSON Lines to standard output")
    .showHelpAfterError(`Try: mailonce ${program.parent === null ? "" : `${program.name()} `}${name} --help`)
    .addHelpText("after", help);
}

/** Adds a command that has commands of its own below it, and does nothing itself. */
export function groupCommand(program: Command, name: string, description: string, help: string): Command {
  return program.command(name).description(description).helpCommand(false).addHelpText("after", help);
}
