import { connect as connectTcp, isIP, type Socket, type TcpNetConnectOpts } from "node:net";
import type { Duplex } from "node:stream";
import {
  type ConnectionOptions,
  connect as connectTls,
  createSecureContext,
  rootCertificates,
  TLSSocket,
} from "node:tls";
import { AbortedError, ConnectFailedError, TimeoutError, type TimeoutPhase } from "../errors/connection.ts";
import { codeOf, Pop3Error } from "../errors/error.ts";
import { type ServerCertificate, TlsFailedError, TlsUntrustedError } from "../errors/tls.ts";
import { type Dial, defaultMinVersion, longestMs, type TlsOptions } from "../options/options.ts";
import type { ChannelBinding } from "../sasl/mechanism.ts";
import { serverEndPoint } from "./channel-binding.ts";
import { isPinned, pinMismatch } from "./pins.ts";
import {
  hasStrongKey,
  isSignedByOthers,
  serverCertificate,
  weakKey,
  weakKeyCode,
} from "./server-certificate.ts";

/** A bound on one step of connecting. */
export interface Patience {
  readonly ms: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * The stream without TLS; `toStay`: no TLS will be put over it, so that it may be read in a faster way. Throws
 * ConnectFailedError, TimeoutError, AbortedError.
 */
export async function openPlain(
  host: string,
  port: number,
  dial: Dial | undefined,
  toStay: boolean,
  patience: Patience,
): Promise<Duplex> {
  try {
    if (dial === undefined) return await openTcp(host, port, toStay, patience);
    return await patiently<Duplex>("connect", patience, (resolve, reject) => {
      const dialled = (async () => dial({ host, port }))();
      dialled.then(resolve, reject);
      return () => void dialled.then((late) => late.destroy()).catch(() => undefined);
    });
  } catch (error) {
    throw error instanceof Pop3Error ? error : new ConnectFailedError(host, port, error);
  }
}

function openTcp(host: string, port: number, toStay: boolean, patience: Patience): Promise<Socket> {
  return patiently("connect", patience, (resolve, reject) => {
    const target = { host, port, noDelay: true };
    const socket = toStay ? connectSlabs(target) : connectTcp(target);
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
    return () => socket.destroy();
  });
}

const slabOctets = 256 * 1024;
const leastRead = 64 * 1024;
/** Most sessions read no more than this: a thousand of them shall not take a thousand large slabs. */
const firstSlabOctets = 16 * 1024;
const firstLeastRead = 4 * 1024;

/**
 * A socket that reads into large pieces of memory, many reads in one, and gives slices of them as `data`. The
 * way through Readable costs a buffer for each read and half as much time again as the kernel's part.
 */
function connectSlabs(target: TcpNetConnectOpts): Socket {
  let slab = Buffer.allocUnsafeSlow(firstSlabOctets);
  let least = firstLeastRead;
  let used = 0;
  const socket: Socket = connectTcp({
    ...target,
    onread: {
      buffer: () => {
        if (slab.length - used < least) {
          least = leastRead;
          slab = Buffer.allocUnsafeSlow(slabOctets);
          used = 0;
        }
        return slab.subarray(used);
      },
      callback: (octets, buffer): boolean => {
        used += octets;
        socket.emit("data", buffer.subarray(0, octets));
        return !socket.isPaused();
      },
    },
  });
  // Nothing may arrive before the session listens.
  return socket.pause();
}

/**
 * TLS over a stream, the certificate verified. Throws TlsUntrustedError, TlsFailedError, TimeoutError,
 * AbortedError.
 */
export async function openTls(
  plain: Duplex,
  host: string,
  options: TlsOptions,
  patience: Patience,
): Promise<Duplex> {
  plain.on("error", () => undefined);
  try {
    return await handshake(plain, host, options, patience);
  } catch (error) {
    plain.destroy();
    // Not one of ours: settings that node:tls does not take.
    throw error instanceof Pop3Error ? error : new TlsFailedError(host, error);
  }
}

function handshake(plain: Duplex, host: string, options: TlsOptions, patience: Patience): Promise<Duplex> {
  const servername = options.servername ?? host;
  return patiently<Duplex>("tls", patience, (resolve, reject) => {
    const secure = connectTls({
      socket: plain,
      host: servername,
      // RFC 6066 section 3: no address in SNI.
      ...(isIP(servername) === 0 ? { servername } : {}),
      ...trustOf(options),
      minVersion: options.minVersion ?? defaultMinVersion,
      ...ciphers(options),
      ...clientCertificate(options),
    });
    let certificate: ServerCertificate | null = null;
    // Before Node verifies it and, where it is not trusted, forgets it.
    secure.prependOnceListener("secure", () => {
      certificate = serverCertificate(peerCertificate(secure));
    });
    const failed = (cause: unknown): void => {
      // Deno's sockets have the code alone.
      const isUntrusted = (secure.authorizationError ?? null) !== null || isDistrust(cause);
      reject(
        isUntrusted && options.trustedCertificates === undefined
          ? new TlsUntrustedError(host, cause, namesIn(cause), certificate)
          : new TlsFailedError(host, cause),
      );
    };
    const closed = (): void => failed(new Error("the connection was closed during the handshake"));
    secure.on("error", failed);
    secure.once("close", closed);
    secure.once("close", () => plain.destroy());
    secure.once("secureConnect", () => {
      secure.off("error", failed);
      secure.off("close", closed);
      const shown = peerCertificate(secure);
      const { trustedCertificates, ...others } = options;
      if (!isPinned(shown, options)) reject(new TlsUntrustedError(host, pinMismatch(), [], certificate));
      else if (trustedCertificates !== undefined && isWeak(shown, secure, ciphers(others).ciphers))
        reject(new TlsUntrustedError(host, weakKey(), [], certificate));
      else resolve(secure);
    });
    return () => secure.destroy();
  });
}

/** Whether what a handshake failed with is OpenSSL's or Node's word on the certificate. */
function isDistrust(cause: unknown): boolean {
  return /^(?!ERR_)(?:\w+_)?(?:CERT|CRL|SIGNED|CHAIN|CA|ISSUER|PURPOSE|HOSTNAME|LEAF)(?:_|$)|^ERR_TLS_CERT_/.test(
    codeOf(cause) ?? "",
  );
}

/** Whom Node trusts. */
function trustOf({ ca, trustedCertificates }: TlsOptions): ConnectionOptions {
  // Then isPinned decides alone, before anything is sent.
  if (trustedCertificates !== undefined) return { rejectUnauthorized: false };
  return {
    // NODE_TLS_REJECT_UNAUTHORIZED=0 would switch it off.
    rejectUnauthorized: true,
    ...trustedAuthorities(ca),
  };
}

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

/**
 * Whether the key is so weak that showing the certificate proves nothing, where nobody has allowed it. OpenSSL tells of one
 * fault only, and it may be another that counts for nothing here.
 */
function isWeak(certificate: Uint8Array | null, secure: TLSSocket, allowed: string | undefined): boolean {
  if (allowed?.includes("@SECLEVEL=0") === true) return false;
  return String(secure.authorizationError) === weakKeyCode || !hasStrongKey(certificate);
}

function ciphers({ minVersion, ciphers }: TlsOptions): ConnectionOptions {
  if (ciphers !== undefined) return { ciphers };
  return minVersion === "TLSv1" || minVersion === "TLSv1.1" ? anyCiphers() : {};
}

/**
 * OpenSSL does not speak old versions at its usual level of security, whatever is allowed. BoringSSL, which Bun has,
 * knows no levels.
 */
function anyCiphers(): ConnectionOptions {
  const ciphers = "DEFAULT@SECLEVEL=0";
  try {
    createSecureContext({ ciphers });
    return { ciphers };
  } catch {
    return {};
  }
}

/** Where the certificate's names are what is wrong with it: which it has. */
function namesIn(cause: unknown): string[] {
  if (!(cause instanceof Error) || !("cert" in cause)) return [];
  const { subjectaltname, subject } = cause.cert as {
    readonly subjectaltname?: string;
    readonly subject?: { readonly CN?: string | readonly string[] };
  };
  const names = subjectaltname?.split(", ").map((name) => name.replace(/^[^:]*:/, ""));
  return (names ?? [subject?.CN ?? []].flat()).map((name) => name.slice(0, 255));
}

/**
 * TLS of any version, with anybody, to find out what a server speaks: nothing may be said over it. Throws
 * TlsFailedError, TimeoutError, AbortedError.
 */
export function openAnyTls(plain: Duplex, host: string, patience: Patience): Promise<TLSSocket> {
  return patiently<TLSSocket>("tls", patience, (resolve, reject) => {
    plain.on("error", () => undefined);
    const secure = connectTls({
      socket: plain,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      rejectUnauthorized: false,
      minVersion: "TLSv1",
      ...anyCiphers(),
    });
    secure.once("secureConnect", () => resolve(secure));
    const failed = (cause: unknown): void => reject(new TlsFailedError(host, cause));
    secure.on("error", failed);
    secure.once("close", () => failed(new Error("the connection was closed during the handshake")));
    return () => secure.destroy();
  });
}

/** DER. getPeerX509Certificate of Node 20 gives it to the first caller only. */
function peerCertificate(stream: TLSSocket): Uint8Array | null {
  // Where there is none: an object without properties, and in Bun nothing at all as long as the handshake goes on.
  const certificate = stream.getPeerCertificate() as { readonly raw?: Uint8Array } | null | undefined;
  return certificate?.raw ?? null;
}

function clientCertificate({ clientCertificate }: TlsOptions): ConnectionOptions {
  if (clientCertificate === undefined) return {};
  const { certificate: cert, key, passphrase } = clientCertificate;
  return passphrase === undefined ? { cert, key } : { cert, key, passphrase };
}

/** What a login may be bound to; nothing without TLS. */
export function channelBindings(stream: Duplex): ChannelBinding[] {
  if (!(stream instanceof TLSSocket)) return [];
  const bindings: ChannelBinding[] = [];
  // RFC 9266 section 4.2: before TLS 1.3 only with an extension that Node does not tell of. Deno's sockets export nothing.
  if (stream.getProtocol() === "TLSv1.3" && typeof stream.exportKeyingMaterial === "function") {
    const data = stream.exportKeyingMaterial(32, "EXPORTER-Channel-Binding", Buffer.alloc(0));
    bindings.push({ type: "tls-exporter", data });
  }
  const certificate = peerCertificate(stream);
  const data = certificate === null ? null : serverEndPoint(certificate);
  if (data !== null) bindings.push({ type: "tls-server-end-point", data });
  return bindings;
}

/** A promise with a time limit and an AbortSignal; `start` returns what undoes the step when it fails. */
function patiently<T>(
  phase: TimeoutPhase,
  { ms, signal }: Patience,
  start: (resolve: (value: T) => void, reject: (error: unknown) => void) => () => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (signal?.aborted === true) return reject(new AbortedError(signal.reason));
    let undo = (): void => undefined;
    const fail = (error: unknown): void => {
      settle();
      undo();
      reject(error);
    };
    const onAbort = (): void => fail(new AbortedError(signal?.reason));
    const timer = setTimeout(() => fail(new TimeoutError(phase, ms)), Math.min(ms, longestMs));
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      undo = start((value) => {
        settle();
        resolve(value);
      }, fail);
    } catch (error) {
      fail(error);
    }
  });
}
