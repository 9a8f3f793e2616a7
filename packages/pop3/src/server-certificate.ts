import { createHash, X509Certificate } from "node:crypto";
import type { ServerCertificate } from "./errors/tls.ts";

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

function sha256(octets: Uint8Array): string {
  return createHash("sha256").update(octets).digest("base64");
}
