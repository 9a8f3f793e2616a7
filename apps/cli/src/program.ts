import { createRequire } from "node:module";
import { Command, CommanderError, Option } from "commander";
import { BASELINE_HELP, DEFERRED_HELP, EXIT_CODES_HELP, FETCH_EXAMPLES, MAIN_HELP } from "./help.ts";
import { octetNumber, positiveInteger, waitSeconds, withWaitValue } from "./option-values.ts";
import { safeLine } from "./safe-text.ts";
import { OutputClosedError, Terminal } from "./terminal.ts";

/** What a command is given besides its own arguments. */
export interface Invocation {
  readonly terminal: Terminal;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: NodeJS.ReadStream;
  readonly stderr: NodeJS.WriteStream;
}

type Process = Pick<NodeJS.Process, "argv" | "env" | "stdin" | "stdout" | "stderr">;

/** Runs one command line and gives its exit code. What a command needs is loaded when it is called. */
export async function runProgram(process: Process): Promise<number> {
  const { env, stdin, stdout, stderr } = process;
  const terminal = new Terminal(stdout, stderr, env);
  let exitCode = 0;
  const program = makeProgram({ terminal, env, stdin, stderr }, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(withWaitValue(process.argv));
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return usageExit(error);
    if (error instanceof OutputClosedError) return 0;
    const { failureOf } = await import("@mailonce/runtime");
    const failure = failureOf(error);
    terminal.note(`mailonce: ${failure.message}`);
    if (failure.exitCode === 2) terminal.note(`Try: ${commandName(process.argv)} --help`);
    if (env["MAILONCE_DEBUG"] === "1" && error instanceof Error) stderr.write(`${error.stack}\n`);
    return failure.exitCode;
  }
}

/** Says that the error is our own, in one line; where it came from only when asked. */
export function internalError(error: Error, { env, stderr }: Pick<Process, "env" | "stderr">): void {
  stderr.write(`mailonce: internal error: ${safeLine(error.message)}\n`);
  if (env["MAILONCE_DEBUG"] === "1") stderr.write(`${error.stack}\n`);
}

/** Commander has written its line; it counts help that was asked for as an error, too. */
function usageExit(error: CommanderError): number {
  return error.exitCode === 0 ? 0 : 2;
}

function commandName(argv: readonly string[]): string {
  const command = argv.slice(2).find((word) => COMMANDS.includes(word));
  return command === undefined ? "mailonce" : `mailonce ${command}`;
}

const COMMANDS = ["fetch", "check", "list", "show", "export", "baseline", "deferred"];

function makeProgram(invocation: Invocation, end: (exitCode: number) => void): Command {
  const { version }: { version: string } = createRequire(import.meta.url)("../package.json");
  const program = new Command("mailonce")
    .description("Every message on a POP3 server, exactly once, in your database, and still on the server.")
    .version(version, "-V, --version")
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(`mailonce: ${safeLine(text.replace(/^error: /, ""))}\n`),
    })
    .showHelpAfterError("Try: mailonce --help")
    .helpCommand("help [command]", "show help on a command")
    .addHelpText("after", MAIN_HELP);

  mailCommand(
    program,
    "fetch",
    "store what is new on the server; what is stored already is not downloaded again",
  )
    .option("--limit <N>", LIMIT_HELP, positiveInteger)
    .option(
      "--max-octets <N>",
      "defer larger messages; k, M, G stand for 1024, 1024 k, 1024 M (default: 100M)",
      octetNumber,
    )
    .option("--wait [SECONDS]", WAIT_HELP, waitSeconds)
    .addHelpText("after", FETCH_EXAMPLES + EXIT_CODES_HELP)
    .action(async (urls: string[], options) => {
      const { fetchMail } = await import("./commands/fetch.ts");
      end(await fetchMail(urls, options, invocation));
    });

  mailCommand(program, "check", "show what is new on the server; downloads headers only and changes nothing")
    .option("--limit <N>", LIMIT_HELP, positiveInteger)
    .addHelpText("after", EXIT_CODES_HELP)
    .action(async (urls: string[], options) => {
      const { checkMail } = await import("./commands/check.ts");
      end(await checkMail(urls, options, invocation));
    });

  mailCommand(program, "baseline", "mark all that is on the server now as known, without downloading it")
    .option("--wait [SECONDS]", WAIT_HELP, waitSeconds)
    .addHelpText("after", BASELINE_HELP + EXIT_CODES_HELP)
    .action(async (urls: string[], options) => {
      const { markAsKnown } = await import("./commands/baseline.ts");
      end(await markAsKnown(urls, options, invocation));
    });

  deferredCommands(program, invocation, end);

  readCommand(program, "list", "list stored messages, newest first")
    .argument("[URL]", "only the messages of this account")
    .option("--maildrop <NAME>", "only the messages of this maildrop")
    .option("--limit <N>", "at most so many (default: 50 on a terminal, otherwise all)", positiveInteger)
    .action(async (url: string | undefined, options) => {
      const { listMessages } = await import("./commands/list.ts");
      end(await listMessages(url, options, invocation));
    });

  readCommand(program, "show", "show a stored message: its headers and text")
    .argument("<ID>", "the id as list shows it, or the beginning of the whole id")
    .addOption(
      new Option("--raw", "exactly the octets that the server sent, to standard output").conflicts("json"),
    )
    .action(async (id: string, options) => {
      const { showMessage } = await import("./commands/show.ts");
      end(await showMessage(id, options, invocation));
    });

  readCommand(
    program,
    "export",
    "write stored messages to files, one each; existing files are left as they are",
  )
    .argument("[URL]", "only the messages of this account")
    .requiredOption("--to <DIR>", "the folder to write to; created if missing")
    .addOption(new Option("--format <FORMAT>", "how they are written").choices(["eml"]).default("eml"))
    .option("--maildrop <NAME>", "only the messages of this maildrop")
    .option("--limit <N>", "at most so many, newest first", positiveInteger)
    .action(async (url: string | undefined, options) => {
      const { exportMessages } = await import("./commands/export.ts");
      end(await exportMessages(url, options, invocation));
    });
  return program;
}

const LIMIT_HELP = "at most so many new messages, lowest message numbers first";
const WAIT_HELP =
  "while another mailonce works on the maildrop, wait, as long as it takes or so many seconds";

function deferredCommands(program: Command, invocation: Invocation, end: (exitCode: number) => void): void {
  const deferred = program
    .command("deferred")
    .description("see to messages that could not be had or stored")
    .helpCommand(false)
    .addHelpText("after", DEFERRED_HELP);

  readCommand(deferred, "list", "list them: which, why, and when they are tried next")
    .argument("[MAILDROP]", "only those of this maildrop, by its name or its URL")
    .action(async (place: string | undefined, options) => {
      const { listDeferred } = await import("./commands/deferred.ts");
      end(await listDeferred(place, options, invocation));
    });

  for (const [action, description] of [
    ["retry", "try these messages at the next fetch, not later"],
    ["drop", "never try these messages again"],
  ] as const) {
    const command = readCommand(deferred, action, description).argument(
      "[ID...]",
      "the ids as list shows them",
    );
    if (action === "retry") command.option("--all", "all that are deferred, in all maildrops");
    command.action(async (ids: string[], options) => {
      const { changeDeferred } = await import("./commands/deferred.ts");
      end(await changeDeferred(action, ids, options, invocation));
    });
  }
}

function mailCommand(program: Command, name: string, description: string): Command {
  return readCommand(program, name, description)
    .argument(
      "<URL...>",
      "pop3s://USER@HOST[:PORT], or pop3://USER@HOST[:PORT] (STLS; plaintext with ?tls=none)",
    )
    .option("--password-stdin", "read the mail password from standard input")
    .option("--ca <FILE>", "also trust the certificates in this PEM file")
    .option("--maildrop <NAME>", "the maildrop's name in the database (default: USER@HOST)");
}

function readCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option("--database <URL>", "sqlite:FILE, mysql://USER@HOST/DB or mariadb://USER@HOST/DB")
    .option("--json", "write JSON Lines to standard output")
    .showHelpAfterError(`Try: mailonce ${program.parent === null ? "" : `${program.name()} `}${name} --help`);
}
