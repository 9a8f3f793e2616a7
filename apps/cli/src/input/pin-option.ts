import { readFingerprint } from "@mailonce/runtime/config";
import { usageError } from "./usage-error.ts";

/**
 * `--pin`, as the POP3 client takes it.
 * @throws FailureError (`usage`) where it is no SHA-256
 */
export function checkedPins(pins: readonly string[]): readonly string[] {
  return pins.map((pin) => {
    try {
      return readFingerprint(pin);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw usageError("pin", `--pin ${error.message}`);
    }
  });
}
