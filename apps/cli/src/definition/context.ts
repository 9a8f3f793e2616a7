import type { Command } from "commander";
import type { Invocation } from "../program.ts";

/** What a group of commands is added to, and how a command tells its exit code. */
export interface CommandContext {
  readonly program: Command;
  readonly invocation: Invocation;
  readonly end: (exitCode: number) => void;
}

/** A command that may read the database. */
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
