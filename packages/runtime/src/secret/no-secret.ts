import { FailureError } from "../failure/failure-error.ts";

/** The error where a secret cannot be had. */
export function noSecret(message: string): FailureError {
  return new FailureError("secret", message, "config");
}
