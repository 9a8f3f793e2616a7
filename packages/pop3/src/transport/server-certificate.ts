import { createHash, X509Certificate } from "node:crypto";
import type { ServerCertificate } from "../errors/tls.ts";

/** What is to be known of a certificate (DER); null where there is none, or none that can be read. */
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

/** Node's, for faults that it has no code for. */
export const weakKeyCode = "UNSPECIFIED";

/** As Node puts it where it looks itself. */
export function weakKey(): Error {
  return Object.assign(new Error("EE certificate key too weak"), { code: weakKeyCode });
}

/** Shorter keys of RSA have been broken; it is the least of OpenSSL's usual level, too. */
const leastRsaBits = 1024;

/** Whether it takes more than patience to get the private key of this certificate (DER) from the public one. */
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
      // OpenSSL is to say what is wrong with it.
      return false;
    }
  });
}
