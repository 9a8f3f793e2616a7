import { codeOf, Pop3Error } from "./error.ts";

/** What is wrong when a handshake fails, for those of Node's error codes that tell. */
const problems: Readonly<Record<string, "version" | "ciphers" | "no-tls">> = {
  ERR_SSL_UNSUPPORTED_PROTOCOL: "version",
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: "version",
  ERR_SSL_WRONG_SSL_VERSION: "version",
  ERR_SSL_VERSION_TOO_LOW: "version",
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: "ciphers",
  ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY: "ciphers",
  ERR_SSL_DH_KEY_TOO_SMALL: "ciphers",
  ERR_SSL_EE_KEY_TOO_SMALL: "ciphers",
  ERR_SSL_CA_KEY_TOO_SMALL: "ciphers",
  ERR_SSL_CA_MD_TOO_WEAK: "ciphers",
  ERR_SSL_WRONG_SIGNATURE_TYPE: "ciphers",
  ERR_SSL_NO_CIPHERS_AVAILABLE: "ciphers",
  ERR_SSL_WRONG_VERSION_NUMBER: "no-tls",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "no-tls",
  ERR_SSL_UNEXPECTED_MESSAGE: "no-tls",
};

const versions = ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

/** What a second handshake, in which every version is allowed, has found out. */
export interface TlsFindings {
  /** The version that was agreed on, by Node's name, such as TLSv1.1. */
  readonly spoken: string;
  /** The oldest version that the settings allow. */
  readonly wanted: string;
}

/**
 * The TLS handshake failed for another reason than the certificate. `problem` is `version` if the server speaks no version
 * of TLS that is allowed, `ciphers` if both sides have nothing in common but the version, `no-tls` if the port does not
 * speak TLS, and null for anything else.
 */
export class TlsFailedError extends Pop3Error {
  readonly code = "POP3_TLS_FAILED";
  readonly problem: "version" | "ciphers" | "no-tls" | null;
  /** The newest version of TLS that the server speaks, such as TLSv1.1; null if it was not found out. */
  readonly spoken: string | null;

  constructor(host: string, cause: unknown, findings: TlsFindings | null = null) {
    const tlsCode = codeOf(cause);
    const problem = findings === null ? (problems[tlsCode ?? ""] ?? null) : problemIn(findings);
    const words = wordsFor(problem, findings);
    super(`no TLS with ${host}${tlsCode === null ? "" : ` (${tlsCode})`}${words}`, { cause });
    this.problem = problem;
    this.spoken = findings?.spoken ?? null;
  }
}

function problemIn({ spoken, wanted }: TlsFindings): "version" | "ciphers" {
  return versions.indexOf(spoken) < versions.indexOf(wanted) ? "version" : "ciphers";
}

function wordsFor(problem: TlsFailedError["problem"], findings: TlsFindings | null): string {
  switch (problem) {
    case "version":
      return findings === null
        ? ": it speaks no version of TLS that is allowed (tls.minVersion)"
        : `: it speaks ${findings.spoken} at most, and ${findings.wanted} is the least that is allowed (tls.minVersion)`;
    case "ciphers":
      return ": there is no cipher, key or signature that both sides take (tls.ciphers)";
    case "no-tls":
      return ": it does not speak TLS there";
    default:
      return "";
  }
}

/** No greeting came, because the server expects TLS from the first octet: use `security: "tls"`. Nobody has logged in. */
export class TlsExpectedError extends Pop3Error {
  readonly code = "POP3_TLS_EXPECTED";

  constructor(host: string, port: number) {
    super(`${host}:${port} does not greet, but speaks TLS from the first octet: security "tls"`);
  }
}

/** The facts about a server's certificate by which somebody can decide whether it is the right one. */
export interface ServerCertificate {
  /** SHA-256 of the certificate (DER) in base64: see TlsOptions.trustedCertificates. */
  readonly sha256: string;
  /** SHA-256 of its public key (SubjectPublicKeyInfo, DER) in base64. */
  readonly publicKeySha256: string;
  readonly validFrom: Date;
  readonly validTo: Date;
}

/**
 * The server's certificate is not trusted. `tlsCode` is Node's, such as DEPTH_ZERO_SELF_SIGNED_CERT, or PIN_MISMATCH for
 * a certificate that is valid but matches no pin.
 */
export class TlsUntrustedError extends Pop3Error {
  readonly code = "POP3_TLS_UNTRUSTED";
  readonly tlsCode: string;
  /** The names and addresses that the certificate is for, if none of them is the right one; otherwise empty. */
  readonly names: readonly string[];
  /** The facts about the certificate; null if there is none, or it cannot be read. */
  readonly certificate: ServerCertificate | null;

  constructor(
    host: string,
    cause: unknown,
    names: readonly string[] = [],
    certificate: ServerCertificate | null = null,
  ) {
    const tlsCode = codeOf(cause) ?? "UNKNOWN";
    const namely = names.length === 0 ? "" : `; it is for ${names.slice(0, mostShownNames).join(", ")}`;
    super(`the certificate of ${host} is not trusted (${tlsCode})${namely}`, { cause });
    this.tlsCode = tlsCode;
    this.names = names;
    this.certificate = certificate;
  }
}

/** How many names the message shows at most: some certificates have a hundred. */
const mostShownNames = 5;

/** STLS was required, and the server does not offer it or refuses it. Nothing was sent in the clear. */
export class StlsNotOfferedError extends Pop3Error {
  readonly code = "POP3_STLS_NOT_OFFERED";
}

/**
 * Plaintext stood behind the reply to STLS: somebody is injecting replies (the client's twin of
 * CVE-2011-0411).
 */
export class StlsInjectionError extends Pop3Error {
  readonly code = "POP3_STLS_INJECTION";

  constructor() {
    super("octets arrived between the reply to STLS and the TLS handshake");
  }
}
