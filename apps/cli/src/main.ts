import { runProgram } from "./program.ts";

process.exitCode = await runProgram(process);
// Nothing should be left open now. If something is, the command must end all the same.
setTimeout(() => process.exit(), 2000).unref();
