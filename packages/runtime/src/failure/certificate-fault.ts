import { shownFingerprint } from "../text/fingerprint.ts";
import { listOf, text } from "./error-properties.ts";

/** What is known of a certificate that is not trusted. */
export interface DoubtedCertificate {
  /** Node's code, or PIN_MISMATCH. */
  readonly code: string;
  /** What Node says besides, where its code says nothing. */
  readonly said?: string;
  /** The names that it is for, if they are what is wrong with it; else empty. */
  readonly names: readonly string[];
  readonly validFrom: Date | null;
  readonly validTo: Date | null;
  /** SHA-256 of the certificate and of its public key in base64; null where they are not known. */
  readonly sha256: string | null;
  readonly publicKeySha256: string | null;
}

/** What is wrong with a certificate, and what to do: "the certificate of HOST …: …". */
export interface CertificateFault {
  readonly what: string;
  readonly advice: string;
}

type Row = (certificate: DoubtedCertificate) => CertificateFault;

const CLOCK = "check this machine's clock";

const faulty =
  (what: string, advice: string): Row =>
  () => ({ what, advice });

/** A certificate that no trusted authority has signed. A person who knows the server may trust it. */
const unknown =
  (what: string): Row =>
  (certificate) => ({ what, advice: howToTrust(certificate) });

const unknownAuthority = unknown("comes from an authority that is not trusted here");
const brokenChain = faulty(
  "was not issued by the rules",
  "tell who runs the server that one of the authorities that it names may not issue it",
);

const FAULTS: Readonly<Record<string, Row>> = {
  CERT_HAS_EXPIRED: ({ validTo }) => ({
    // It may be an authority's certificate that has expired, not the server's.
    what: `has expired${dated(" on", validTo)}`,
    advice: `${CLOCK}; if it is right, tell who runs the server, who must renew it`,
  }),
  CERT_NOT_YET_VALID: ({ validFrom }) => ({
    what: `is not valid yet${dated(", but from", validFrom)}${validFrom === null ? "" : " on"}`,
    advice: `${CLOCK}; if it is right, tell who runs the server`,
  }),
  ERR_TLS_CERT_ALTNAME_INVALID: ({ names }) => ({
    what: `was made for another host name${names.length === 0 ? "" : ` (it is for ${someOf(names)})`}`,
    advice:
      names.length === 0
        ? "check the host name in the URL, or tell who runs the server"
        : "use such a name in the URL if it is the same server, or tell who runs it",
  }),
  DEPTH_ZERO_SELF_SIGNED_CERT: unknown("is self-signed"),
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknown("comes without the certificates that lead to a trusted authority"),
  CERT_REVOKED: faulty(
    "is not trusted (CERT_REVOKED): its issuer has revoked it",
    "somebody else may have its key: trust it neither by --ca FILE nor by --pin, and tell who runs the server",
  ),
  CERT_SIGNATURE_FAILURE: faulty(
    "bears a signature that is not its issuer's",
    "it was changed, or a file of --ca holds another authority of the same name: tell who runs the server",
  ),
  INVALID_PURPOSE: faulty("was not made for a server", "tell who runs the server"),
  INVALID_CA: brokenChain,
  PATH_LENGTH_EXCEEDED: brokenChain,
  PIN_MISMATCH: faulty(
    "is not the one that is pinned",
    "it has a new one, or somebody stands in between; 'mailonce doctor' shows which it is",
  ),
};

const WEAK: CertificateFault = {
  what: "has a key or a signature that is too weak: others can make one like it",
  advice:
    "tell who runs the server; if you take that risk, the account's 'tls' field or its URL allows it: ?ciphers=DEFAULT@SECLEVEL=0",
};

/** What is wrong with a certificate that is not trusted, each fault with advice of its own. */
export function certificateFault(certificate: DoubtedCertificate): CertificateFault {
  const { code, said = "" } = certificate;
  const known = Object.hasOwn(FAULTS, code) ? FAULTS[code] : undefined;
  if (known !== undefined) return known(certificate);
  if (/too (?:weak|small)/i.test(said)) return WEAK;
  return { what: `is not trusted (${code})`, advice: howToTrust(certificate) };
}

function howToTrust({ sha256, publicKeySha256 }: DoubtedCertificate): string {
  const ways =
    "'mailonce doctor --save-certificate FILE URL' saves what --ca FILE then trusts, and --pin FINGERPRINT trusts this certificate alone";
  if (sha256 === null) return `if it is the right server: ${ways}`;
  const key = publicKeySha256 === null ? "" : `, its public key's ${publicKeySha256} in base64`;
  return `ask who runs the server for its fingerprint; this one's is ${shownFingerprint(sha256)} (${sha256} in base64${key}). If it is the same: ${ways}`;
}

function dated(before: string, when: Date | null): string {
  return when === null || Number.isNaN(when.getTime()) ? "" : `${before} ${when.toISOString().slice(0, 10)}`;
}

/** Some certificates have a hundred names. */
function someOf(names: readonly string[]): string {
  const more = names.length - 5;
  return `${names.slice(0, 5).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** What an error of the POP3 client says of a certificate (TlsUntrustedError); `code`: Node's. */
export function doubtedCertificate(error: Error, code: string): DoubtedCertificate {
  const certificate: unknown = Reflect.get(error, "certificate");
  const date = (key: string): Date | null => {
    const value: unknown =
      typeof certificate === "object" && certificate !== null ? Reflect.get(certificate, key) : null;
    return value instanceof Date ? value : null;
  };
  return {
    code,
    said: error.cause instanceof Error ? error.cause.message : "",
    names: listOf(error, "names"),
    validFrom: date("validFrom"),
    validTo: date("validTo"),
    sha256: text(certificate, "sha256") || null,
    publicKeySha256: text(certificate, "publicKeySha256") || null,
  };
}
