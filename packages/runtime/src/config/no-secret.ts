import { EXIT } from "../exit-code.ts";
import { FailureError } from "../failure-error.ts";

/** A secret that is not to be had. */
export function noSecret(message: string): FailureError {
  return new FailureError("secret", message, EXIT.config);
}
