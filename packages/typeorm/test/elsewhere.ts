import { execFile } from "node:child_process";
import path from "node:path";
import process from "node:process";
import { promisify } from "node:util";

/** Runs a function of elsewhere-work.ts in a process of its own; rejects if it fails. @returns its standard error */
export async function runElsewhere(
  work: "write" | "migrate",
  ...values: readonly unknown[]
): Promise<string> {
  const script = path.join(import.meta.dirname, "elsewhere.mjs");
  const options = values.map((value) => JSON.stringify(value));
  const run = await promisify(execFile)(process.execPath, [script, work, ...options], { timeout: 60_000 });
  return run.stderr;
}
