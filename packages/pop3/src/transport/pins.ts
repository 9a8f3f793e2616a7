import { createHash, X509Certificate } from "node:crypto";
import { InvalidArgumentError } from "../errors/usage.ts";
import type { TlsOptions } from "../options/connect-options.ts";

type Pins = Pick<TlsOptions, "pinnedCertificates" | "pinnedPublicKeys" | "trustedCertificates">;

const kinds = ["trustedCertificates", "pinnedCertificates", "pinnedPublicKeys"] as const;

/** Throws InvalidArgumentError for a pin that is no SHA-256, which would never match, and for an empty list of pins. */
export function checkPins(given: Pins): void {
  for (const kind of kinds) {
    const pins = given[kind];
    if (pins === undefined) continue;
    if (pins.length === 0 || pins.some((pin) => digestOf(pin) === null)) {
      throw new InvalidArgumentError("a pin is a SHA-256 in hex or base64, and a list of pins holds one");
    }
  }
}

/**
 * Whether the certificate (DER; null: the server showed none) matches the pins: one pin of each kind that is given. Who
 * signed the certificate is not looked at.
 */
export function isPinned(certificate: Uint8Array | null, pins: Pins): boolean {
  const { trustedCertificates, pinnedCertificates, pinnedPublicKeys } = pins;
  const matches = (wanted: readonly string[], octets: Uint8Array): boolean =>
    wanted.some((pin) => digestOf(pin) === sha256(octets));
  if (certificate === null) return kinds.every((kind) => pins[kind] === undefined);
  if (trustedCertificates !== undefined && !matches(trustedCertificates, certificate)) return false;
  if (pinnedCertificates !== undefined && !matches(pinnedCertificates, certificate)) return false;
  if (pinnedPublicKeys === undefined) return true;
  const { publicKey } = new X509Certificate(certificate);
  return matches(pinnedPublicKeys, publicKey.export({ type: "spki", format: "der" }));
}

/** The error for a certificate that matches no pin. */
export function pinMismatch(): Error {
  return Object.assign(new Error("the certificate is not one of those pinned"), { code: "PIN_MISMATCH" });
}

/** The digest that a pin stands for, in lower-case hex; null if it is none. */
function digestOf(pin: string): string | null {
  const hex = pin.replaceAll(":", "").toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hex)) return hex;
  return /^[A-Za-z0-9+/]{43}=?$/.test(pin) ? Buffer.from(pin, "base64").toString("hex") : null;
}

function sha256(octets: Uint8Array): string {
  return createHash("sha256").update(octets).digest("hex");
}
