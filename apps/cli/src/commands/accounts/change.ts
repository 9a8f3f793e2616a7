import { FailureError } from "@mailonce/runtime";
import type { CommonOptions } from "../../accounts/accounts-file.ts";
import type { Invocation } from "../../input/invocation.ts";
import { jsonLine } from "../../output/json-lines.ts";
import { safeLine } from "../../output/safe-text.ts";

/** Tells that the account of this name was changed: people by the sentence, programs by a line of JSON. */
export async function tellChange(
  { json }: CommonOptions,
  { terminal }: Pick<Invocation, "terminal">,
  action: string,
  name: string,
  sentence: string,
): Promise<void> {
  if (json === true) await terminal.write(jsonLine({ type: "account-change", action, name }));
  else await terminal.line(safeLine(sentence));
}

/** Something is wrong with an account, or with what the command line says of it: exit code 2. */
export function wrongAccount(message: string): FailureError {
  return new FailureError("account", message, "usage");
}
