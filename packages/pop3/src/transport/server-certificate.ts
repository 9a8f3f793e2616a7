import { createHash, X509Certificate } from "node:crypto";
import type { ServerCertificate } from "../errors/tls.ts";

/** The facts by which somebody recognizes a certificate (DER); null if there is none, or it cannot be read. */
export function serverCertificate(der: Uint8Array | null): ServerCertificate | null {
  if (der === null) return null;
  try {
    const { publicKey, validFrom, validTo } = new X509Certificate(der);
    return {
      sha256: sha256(der),
      publicKeySha256: sha256(publicKey.export({ type: "spki", format: "der" })),
      validFrom: new Date(validFrom),
      validTo: new Date(validTo),
    };
  } catch {
    return null;
  }
}

/** Node's code for faults of a certificate for which it has no code of its own. */
export const weakKeyCode = "UNSPECIFIED";

/** The error for a weak key, in Node's words. */
export function weakKey(): Error {
  return Object.assign(new Error("EE certificate key too weak"), { code: weakKeyCode });
}

/** Shorter RSA keys have been broken. OpenSSL's usual level of security asks for as many bits. */
const leastRsaBits = 1024;

/** Whether the private key of this certificate (DER) cannot be computed from the public one with today's means. */
export function hasStrongKey(der: Uint8Array | null): boolean {
  if (der === null) return false;
  const { asymmetricKeyType, asymmetricKeyDetails } = new X509Certificate(der).publicKey;
  const isOfPrimes =
    asymmetricKeyType === "rsa" || asymmetricKeyType === "rsa-pss" || asymmetricKeyType === "dsa";
  return !isOfPrimes || (asymmetricKeyDetails?.modulusLength ?? 0) >= leastRsaBits;
}

function sha256(octets: Uint8Array): string {
  return createHash("sha256").update(octets).digest("base64");
}

const certificateForm = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Whether one of these certificates (PEM) is not self-signed. */
export function isSignedByOthers(pem: string | Uint8Array): boolean {
  const text = typeof pem === "string" ? pem : Buffer.from(pem).toString("latin1");
  return (text.match(certificateForm) ?? []).some((one) => {
    try {
      const certificate = new X509Certificate(one);
      return !certificate.checkIssued(certificate);
    } catch {
      // Not a certificate: OpenSSL will say what is wrong with it.
      return false;
    }
  });
}
