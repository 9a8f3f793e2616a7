import { FailureError, readFingerprint } from "@mailonce/runtime";

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
      throw new FailureError("pin", `--pin ${error.message}`, "usage");
    }
  });
}
