import { Option } from "commander";
import { type CommandContext, readCommand } from "../../definition/context.ts";
import { exitCodes, READ_CODES, WRONG_USAGE } from "../../help/exit-codes.ts";

const EXIT_CODES = exitCodes({ ...READ_CODES, 2: `${WRONG_USAGE}, or no message or several have this id` });

/** show */
export function addShowCommand({ program, action }: CommandContext): void {
  readCommand(program, "show", "show a stored message: its headers and text", EXIT_CODES)
    .argument("<ID>", "the id as list shows it, or the beginning of the whole id")
    .addOption(
      new Option("--raw", "exactly the octets that the server sent, to standard output").conflicts("json"),
    )
    .action(action(async () => (await import("./show.ts")).showMessage));
}
