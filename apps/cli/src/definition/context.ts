import type { Command } from "commander";
import type { Invocation } from "../input/invocation.ts";

/** What a command is added to, and what it is given when it is called. */
export interface CommandContext {
  readonly program: Command;
  readonly invocation: Invocation;
  /** Takes the exit code of a command that may end with another one than 0 although it throws nothing. */
  readonly end: (exitCode: number) => void;
}

/** Adds a command that reads the accounts file or the database. */
export function readCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option(
      "--config <FILE>",
      "the accounts file (default: mailonce.yaml here or in your configuration directory)",
    )
    .option("--database <URL>", "sqlite:FILE, mysql://USER@HOST/DB or mariadb://USER@HOST/DB")
    .option("--json", "write JSON Lines to standard output")
    .showHelpAfterError(`Try: mailonce ${program.parent === null ? "" : `${program.name()} `}${name} --help`);
}

/** Adds a command that has commands of its own below it, and does nothing itself. */
export function groupCommand(program: Command, name: string, description: string): Command {
  return program.command(name).description(description).helpCommand(false);
}
