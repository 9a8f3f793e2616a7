import { Option } from "commander";
import { type CommandContext, readCommand } from "../../definition/context.ts";
import { exitCodes, INTERRUPTED, READ_CODES } from "../../help/exit-codes.ts";
import { positiveInteger } from "../../input/option-values.ts";

const EXIT_CODES = exitCodes({
  ...READ_CODES,
  73: "a file or the folder cannot be written",
  130: INTERRUPTED,
});

/** export */
export function addExportCommand({ program, action }: CommandContext): void {
  readCommand(
    program,
    "export",
    "write stored messages to files, one each; existing files are left as they are",
    EXIT_CODES,
  )
    .argument("[ACCOUNT]", "only the messages of this account, by its name, its maildrop's name or its URL")
    .requiredOption("--to <DIR>", "the folder to write to; created if missing")
    .addOption(new Option("--format <FORMAT>", "how they are written").choices(["eml"]).default("eml"))
    .option("--maildrop <NAME>", "only the messages of this maildrop")
    .option("--limit <N>", "at most so many, newest first", positiveInteger)
    .action(action(async () => (await import("./export.ts")).exportMessages));
}
