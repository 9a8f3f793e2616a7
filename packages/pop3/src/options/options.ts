import type { Duplex } from "node:stream";
import type { SecureVersion } from "node:tls";
import type { Capabilities } from "../protocol/capabilities.ts";
import type { Limits } from "../protocol/limits.ts";

/** A certificate by which the client proves who it is, in PEM. */
export interface ClientCertificate {
  readonly certificate: string;
  readonly key: string;
  /** Where the key is encrypted. */
  readonly passphrase?: string;
}

export const defaultMinVersion = "TLSv1.2";

/**
 * TLS settings. The server's certificate is always verified: against authorities, or as one of `trustedCertificates`. Pins
 * are asked for besides.
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
  /** Shown where the server asks for one. */
  readonly clientCertificate?: ClientCertificate;
  /**
   * SHA-256 of certificates (DER), in hex (colons allowed) or base64: the server must show one of these and prove that it has
   * the key, and that is all that is asked. Who signed it, for which names and until when counts for nothing, since this is
   * that very certificate; and no other is trusted, whoever signed it. For a self-signed server whose fingerprint came by a
   * way that is safe.
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
   * Silence in place of a greeting, with "stls" and "plain": then a second connection looks whether the server waits for
   * TLS, by a handshake and nothing else. Where it does, and does not greet within half as long again, that is what
   * `connect` throws (TlsExpectedError) instead of waiting on. Default 5,000, at most half the time of a greeting.
   */
  readonly silenceMs: number;
  /**
   * Silence before a login: greeting, CAPA, STLS, UTF8. Default 30,000, or `replyMs` if that is shorter. The login
   * itself has `replyMs`: many servers read the whole maildrop before they answer.
   */
  readonly preLoginMs: number;
  /**
   * From when a status line is awaited until it is there. Default 120,000: large maildrops take time to list.
   */
  readonly replyMs: number;
  /** Silence in the middle of a multi-line reply, and after the first of several pipelined ones. Default 60,000. */
  readonly idleMs: number;
  /**
   * Waiting within multi-line replies over which `limits.leastRate` must be kept. Default five times `idleMs`: that
   * lets a virus scanner drip while it reads, and a modem pause.
   */
  readonly rateMs: number;
  /**
   * Waiting within one reply to LIST or UIDL in all; the replies to CAPA and LANG have the time of a status line.
   * Default thirty times `idleMs`.
   */
  readonly listingMs: number;
}

/** The time limits, those that are not given by default. */
export function timeoutsOf(given: Partial<Timeouts>): Timeouts {
  const { connectMs = 30_000, preLoginMs = 30_000, replyMs = 120_000, idleMs = 60_000 } = given;
  const { silenceMs = 5_000, rateMs = 5 * idleMs, listingMs = 30 * idleMs } = given;
  return { connectMs, silenceMs, preLoginMs, replyMs, idleMs, rateMs, listingMs };
}

/** Timers of Node fire at once beyond this, and Infinity is a fair way to say "no limit". */
export const longestMs = 2 ** 31 - 1;

/**
 * What went over the wire, in the clear but with passwords masked. What is received is told when it is read, which is at
 * once unless its consumer is busy with what came before.
 */
export interface WireEvent {
  readonly direction: "sent" | "received";
  readonly octets: Uint8Array;
}

/** Must not throw. The octets must be neither changed nor kept: they are those of the reply itself. */
export type OnWire = (event: WireEvent) => void;

/**
 * Opens the stream to a server, without TLS; for proxies and tests. The stream is destroyed at the session's
 * end.
 */
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
   * What this server, with this `security`, offered in an earlier session (`Pop3Client.offered`): CAPA is not sent
   * before the login, which saves a round trip, with "stls" two. STLS is sent all the same, and no mechanism is used
   * that `login` would not use otherwise. Where a login fails without saying why, CAPA is asked after all, and the
   * login tried again if the server offers something else now. What a server has learnt since is not noticed: connect
   * without this now and then.
   */
  readonly knownCapabilities?: Capabilities;
  /**
   * Several commands in flight. Default: where the server lists PIPELINING. False for a server that lists it
   * and loses commands, see TimeoutError.
   */
  readonly pipelining?: boolean;
  /** Aborts whatever is going on, during the whole session, and destroys the connection. */
  readonly signal?: AbortSignal;
  readonly onWire?: OnWire;
  readonly dial?: Dial;
}
