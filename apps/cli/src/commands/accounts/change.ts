import type { FailureError } from "@mailonce/runtime";
import type { CommonOptions } from "../../accounts/accounts-file.ts";
import { usageError } from "../../input/usage-error.ts";
import type { Terminal } from "../../output/terminal.ts";

/** Tells that the account of this name was changed. */
export function tellChange(
  { json }: CommonOptions,
  terminal: Terminal,
  action: "add" | "remove" | "pause" | "resume",
  name: string,
  sentence: string,
): Promise<void> {
  return terminal.result(json, { type: "account-change", action, name }, sentence);
}

/** Something is wrong with an account, or with what the command line says of it: exit code 2. */
export function wrongAccount(message: string): FailureError {
  return usageError("account", message);
}
