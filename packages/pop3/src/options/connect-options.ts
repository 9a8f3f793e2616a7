import type { Duplex } from "node:stream";
import type { SecureVersion } from "node:tls";
import type { Capabilities } from "../protocol/capabilities.ts";
import type { Limits } from "../protocol/limits.ts";

/** A certificate by which the client proves who it is, in PEM. */
export interface ClientCertificate {
  readonly certificate: string;
  readonly key: string;
  /** The passphrase of the key, if it is encrypted. */
  readonly passphrase?: string;
}

/** The oldest version of TLS that is allowed unless `minVersion` says otherwise. */
export const defaultMinVersion = "TLSv1.2";

/**
 * TLS settings. The server's certificate is always verified: it must be signed by a trusted authority or be one of
 * `trustedCertificates`. If pins are given, it must match them as well.
 */
export interface TlsOptions {
  /** Certificates in PEM, of authorities or of the server itself, that are trusted besides Node's own list. */
  readonly ca?: string | readonly string[];
  /** Name for SNI and for the check of the certificate; the host by default. */
  readonly servername?: string;
  /**
   * Default "TLSv1.2". With "TLSv1" or "TLSv1.1" somebody on the way may be able to force the older version, break it
   * and read the password and the mail: for servers that know nothing better, on a line that is safe otherwise.
   */
  readonly minVersion?: SecureVersion;
  /**
   * Cipher suites in OpenSSL's notation. Default: Node's; below TLS 1.2 "DEFAULT@SECLEVEL=0", without which OpenSSL does
   * not speak these versions. It lets in ciphers, keys and signatures that can be broken.
   */
  readonly ciphers?: string;
  /** The certificate that is shown if the server asks for one. */
  readonly clientCertificate?: ClientCertificate;
  /**
   * SHA-256 of certificates (DER), in hex (colons allowed) or base64. The server must show one of these certificates and
   * prove that it has the key; no other is trusted, whoever signed it. Who signed this one, for which names and until when,
   * does not matter. For a server with a self-signed certificate whose fingerprint came by a safe way.
   */
  readonly trustedCertificates?: readonly string[];
  /** SHA-256 of the server's certificate (DER), in hex (colons allowed) or base64; one of them must match. */
  readonly pinnedCertificates?: readonly string[];
  /** SHA-256 of its public key (SubjectPublicKeyInfo, DER), in hex or base64; one of them must match. */
  readonly pinnedPublicKeys?: readonly string[];
}

/** Time limits in ms. The clock runs only while the client waits for the server. */
export interface Timeouts {
  /** Name look-up and TCP connection, and again the TLS handshake. Default 30,000. */
  readonly connectMs: number;
  /**
   * With "stls" and "plain": after so long without a greeting a second connection finds out, by a handshake and nothing
   * else, whether the server expects TLS. If it does, and does not greet within half as long again, `connect` throws
   * TlsExpectedError instead of waiting on. Default 5,000, and at most half of the time that a greeting may take.
   */
  readonly silenceMs: number;
  /**
   * Silence before the login: greeting, CAPA, STLS, UTF8. Default 30,000, or `replyMs` if that is shorter. The login
   * itself has `replyMs`, because many servers read the whole maildrop before they answer.
   */
  readonly preLoginMs: number;
  /** Silence before a status line, from when it is awaited. Default 120,000: large maildrops take time to list. */
  readonly replyMs: number;
  /** Silence in the middle of a multi-line reply, and after the first of several pipelined ones. Default 60,000. */
  readonly idleMs: number;
  /**
   * The time of waiting within multi-line replies over which `limits.leastRate` must be kept. Default five times `idleMs`:
   * that is patient with a virus scanner that sends a little while it reads, and with a modem that pauses.
   */
  readonly rateMs: number;
  /**
   * All waiting within one reply to LIST or UIDL. Default thirty times `idleMs`. The replies to CAPA and LANG have the
   * time of a status line.
   */
  readonly listingMs: number;
}

/** The given time limits, and the defaults of those that are not given. */
export function timeoutsOf(given: Partial<Timeouts>): Timeouts {
  const { connectMs = 30_000, preLoginMs = 30_000, replyMs = 120_000, idleMs = 60_000 } = given;
  const { silenceMs = 5_000, rateMs = 5 * idleMs, listingMs = 30 * idleMs } = given;
  return { connectMs, silenceMs, preLoginMs, replyMs, idleMs, rateMs, listingMs };
}

/** The longest time of a timer: Node fires longer ones at once, and a time limit may well be Infinity. */
export const longestMs = 2 ** 31 - 1;

/**
 * What went over the wire, as it is without TLS, with passwords masked. What is received is told when it is read, which
 * is at once unless its consumer is busy with what came before.
 */
export interface WireEvent {
  readonly direction: "sent" | "received";
  readonly octets: Uint8Array;
}

/** Is told what goes over the wire. It must not throw, and must neither change nor keep the octets: the reply uses them. */
export type OnWire = (event: WireEvent) => void;

/** Opens the stream to a server, without TLS; for proxies and tests. It is destroyed at the end of the session. */
export type Dial = (target: { readonly host: string; readonly port: number }) => Promise<Duplex>;

/** How to reach a server. */
export interface Pop3Options {
  readonly host: string;
  /** Default 995 with "tls", otherwise 110. */
  readonly port?: number;
  /**
   * "tls": TLS from the first octet (RFC 8314). "stls": STLS or failure, never a downgrade (RFC 2595).
   * "plain": no TLS, passwords in the clear; asked for by this name only.
   */
  readonly security: "tls" | "stls" | "plain";
  readonly tls?: TlsOptions;
  readonly timeouts?: Partial<Timeouts>;
  readonly limits?: Partial<Limits>;
  /** Send UTF8 before login where it is offered (RFC 6856), so that no server rewrites mail. Default true. */
  readonly utf8?: boolean;
  /**
   * What this server, with this `security`, offered in an earlier session (`Pop3Client.offered`). Then CAPA is not sent
   * before the login, which saves a round trip, with "stls" two. STLS is sent all the same, and no mechanism is used that
   * `login` would not use otherwise. If a login is refused without a reason, CAPA is sent after all, and the login tried
   * again if the server offers something else now. What it offers newly is not noticed: connect without this now and then.
   */
  readonly knownCapabilities?: Capabilities;
  /**
   * Whether several commands may be in flight. Default: if the server lists PIPELINING. False is for a server that lists
   * it and loses commands, see TimeoutError.
   */
  readonly pipelining?: boolean;
  /** Aborts whatever is going on, during the whole session, and destroys the connection. */
  readonly signal?: AbortSignal;
  /** Is told what goes over the wire. */
  readonly onWire?: OnWire;
  /** Opens the connection in place of the client. */
  readonly dial?: Dial;
}
