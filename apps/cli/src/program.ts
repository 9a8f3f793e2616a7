import { Command, CommanderError } from "commander";
import { addCommands } from "./commands.ts";
import type { CommandContext } from "./definition/context.ts";
import { MAIN_HELP } from "./help/program.ts";
import type { Invocation } from "./input/invocation.ts";
import { withWaitValue } from "./input/option-values.ts";
import { writeStack } from "./output/debug.ts";
import { EXIT } from "./output/exit-code.ts";
import { safeLine } from "./output/safe-text.ts";
import { OutputClosedError, Terminal } from "./output/terminal.ts";
import { programVersion } from "./version.ts";

type Process = Pick<NodeJS.Process, "argv" | "env" | "stdin" | "stdout" | "stderr">;

/** Runs one command line and gives its exit code. What a command needs is loaded when it is called. */
export async function runProgram(process: Process): Promise<number> {
  const { env, stdout, stderr } = process;
  const terminal = new Terminal(stdout, stderr, env);
  let exitCode = 0;
  let help = "";
  const program = makeProgram(
    {
      terminal,
      env,
      // Node opens it when it is first asked for; most commands do not ask.
      get stdin() {
        return process.stdin;
      },
      stderr,
    },
    {
      exitCode: (code) => {
        exitCode = code;
      },
      // Kept, and written below where an error of writing is handled: whoever asked for help is told of it.
      help: (text) => {
        help += text;
      },
    },
  );
  try {
    try {
      await program.parseAsync(withWaitValue(process.argv));
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error;
      // With 0 Commander has ended the command after help that was asked for; else the usage was wrong.
      exitCode = error.exitCode === 0 ? 0 : 2;
    }
    if (help !== "") await terminal.write(help);
    return exitCode;
  } catch (error) {
    if (error instanceof OutputClosedError) return 0;
    const [{ failureOf }, { noteFailure }] = await Promise.all([
      import("@mailonce/runtime"),
      import("./output/note-error.ts"),
    ]);
    const failure = failureOf(error);
    noteFailure(terminal, failure, error);
    if (failure.kind === "usage") terminal.note(`Try: ${commandName(process.argv, program)} --help`);
    writeStack(error, process);
    return EXIT[failure.kind];
  }
}

/** Tells in one line of an error that is Mailonce's own fault; with MAILONCE_DEBUG=1 also where it came from. */
export function internalError(error: Error, process: Pick<Process, "env" | "stderr">): void {
  process.stderr.write(`mailonce: internal error: ${safeLine(error.message)}\n`);
  writeStack(error, process);
}

function commandName(argv: readonly string[], program: Command): string {
  const commands = program.commands.map((command) => command.name());
  const command = argv.slice(2).find((word) => commands.includes(word));
  return command === undefined ? "mailonce" : `mailonce ${command}`;
}

function makeProgram(
  invocation: Invocation,
  take: { readonly exitCode: (exitCode: number) => void; readonly help: (text: string) => void },
): Command {
  const program = new Command("mailonce")
    .description("Every message on a POP3 server, exactly once, in your database, and still on the server.")
    .version(programVersion(), "-V, --version")
    .exitOverride()
    .configureOutput({
      writeOut: take.help,
      outputError: (text, write) => write(`mailonce: ${safeLine(text.replace(/^error: /, ""))}\n`),
    })
    .showHelpAfterError("Try: mailonce --help")
    .addHelpText("after", MAIN_HELP);

  const action: CommandContext["action"] =
    (load) =>
    async (...given) => {
      const work = (await load()) as (...all: readonly unknown[]) => Promise<unknown>;
      // Commander gives the command itself last.
      const exitCode = await work(...given.slice(0, -1), invocation);
      if (typeof exitCode === "number") take.exitCode(exitCode);
    };
  program.hook("preAction", (_program, command) => {
    if (command.opts()["quiet"] === true) invocation.terminal.hush();
  });
  addCommands({ program, invocation, action });
  return program;
}
