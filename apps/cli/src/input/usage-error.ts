import { FailureError } from "@mailonce/runtime";

/** The command line asks for what cannot be done: the command ends with exit code 2. */
export function usageError(code: string, message: string): FailureError {
  return new FailureError(code, message, "usage");
}
