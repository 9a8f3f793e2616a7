import { internalError, runProgram } from "./program.ts";

// What nobody waited for: still one line, and our own bug.
process.on("uncaughtException", (error) => {
  internalError(error, process);
  process.exit(1);
});
process.exitCode = await runProgram(process);
// Nothing should be left open now. If something is, the command must end all the same.
setTimeout(() => process.exit(), 2000).unref();
