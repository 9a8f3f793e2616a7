import { FailureError } from "../failure/failure-error.ts";

/** A secret that is not to be had. */
export function noSecret(message: string): FailureError {
  return new FailureError("secret", message, "config");
}
