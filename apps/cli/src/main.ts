import { programVersion } from "./version.ts";

const words = process.argv.slice(2);
if (words.length === 1 && (words[0] === "--version" || words[0] === "-V")) {
  // The one question that needs nothing of the program. Who asked may be gone.
  process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (code === "EPIPE") return;
    const why = code === "ENOSPC" ? "the disk is full" : code;
    process.stderr.write(`mailonce: cannot write to standard output: ${why}\n`);
    process.exitCode = 73;
  });
  process.stdout.write(`${programVersion()}\n`);
} else void run();

async function run(): Promise<void> {
  const { internalError, runProgram } = await import("./program.ts");
  // What nobody waited for: still one line, and our own bug.
  process.on("uncaughtException", (error) => {
    internalError(error, process);
    process.exit(1);
  });
  const endless = (): void => {
    internalError(new Error("the command waits for something that cannot come"), process);
    process.exit(1);
  };
  process.on("beforeExit", endless);
  process.exitCode = await runProgram(process);
  process.removeListener("beforeExit", endless);
  // Nothing should be left open now. If something is, the command must end all the same.
  setTimeout(() => process.exit(), 2000).unref();
}
