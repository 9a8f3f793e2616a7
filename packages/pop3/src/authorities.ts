import { X509Certificate } from "node:crypto";
import { type ConnectionOptions, rootCertificates } from "node:tls";
import type { TlsOptions } from "./options.ts";

/** What node:tls takes so that each of these certificates is trusted besides its own, and what they have signed. */
export function trustedAuthorities(ca: TlsOptions["ca"]): ConnectionOptions {
  if (ca === undefined) return {};
  const given = [ca].flat();
  return {
    ca: [...rootCertificates, ...given],
    // OpenSSL looks for who signed it otherwise, and finds nobody.
    ...(given.some(isSignedByOthers) ? { allowPartialTrustChain: true } : {}),
  };
}

const certificateForm = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Whether one of these certificates (PEM) is not self-signed. */
function isSignedByOthers(pem: string | Uint8Array): boolean {
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
