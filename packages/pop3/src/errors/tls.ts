import { codeOf, Pop3Error } from "./error.ts";

/** The TLS handshake failed for another reason than the certificate (often: the port does not talk TLS). */
export class TlsFailedError extends Pop3Error {
  readonly code = "POP3_TLS_FAILED";

  constructor(host: string, cause: unknown) {
    super(`no TLS with ${host}${codeOf(cause) === null ? "" : ` (${codeOf(cause)})`}`, { cause });
  }
}

/**
 * The server's certificate is not trusted. `tlsCode` is Node's, such as DEPTH_ZERO_SELF_SIGNED_CERT, or
 * PIN_MISMATCH: it is valid, but not one of those that were asked for.
 */
export class TlsUntrustedError extends Pop3Error {
  readonly code = "POP3_TLS_UNTRUSTED";
  readonly tlsCode: string;

  constructor(host: string, cause: unknown) {
    const tlsCode = codeOf(cause) ?? "UNKNOWN";
    super(`the certificate of ${host} is not trusted (${tlsCode})`, { cause });
    this.tlsCode = tlsCode;
  }
}

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
