import { connect as connectTcp, isIP, type Socket, type TcpNetConnectOpts } from "node:net";
import type { Duplex } from "node:stream";
import {
  type ConnectionOptions,
  connect as connectTls,
  createSecureContext,
  rootCertificates,
  TLSSocket,
} from "node:tls";
import { ConnectFailedError } from "../errors/connection.ts";
import { Pop3Error } from "../errors/error.ts";
import { type ServerCertificate, TlsFailedError, TlsUntrustedError } from "../errors/tls.ts";
import { type Dial, defaultMinVersion, type TlsOptions } from "../options/connect-options.ts";
import type { ChannelBinding } from "../sasl/mechanism.ts";
import { Slabs } from "../session/slabs.ts";
import { serverEndPoint } from "./channel-binding.ts";
import { isDistrust, namesIn } from "./distrust.ts";
import { isPinned, pinMismatch } from "./pins.ts";
import {
  hasStrongKey,
  isSignedByOthers,
  serverCertificate,
  weakKey,
  weakKeyCode,
} from "./server-certificate.ts";
import { limited, type StepLimit } from "./step-limit.ts";

/**
 * Opens the stream to the server, without TLS. `staysPlain`: no TLS will be put over it, so that it may be read in a
 * faster way. Throws ConnectFailedError, TimeoutError, AbortedError.
 */
export async function openPlain(
  host: string,
  port: number,
  dial: Dial | undefined,
  staysPlain: boolean,
  stepLimit: StepLimit,
): Promise<Duplex> {
  try {
    if (dial === undefined) return await openTcp(host, port, staysPlain, stepLimit);
    return await limited<Duplex>("connect", stepLimit, (resolve, reject) => {
      const dialled = (async () => dial({ host, port }))();
      dialled.then(resolve, reject);
      return () => void dialled.then((late) => late.destroy()).catch(() => undefined);
    });
  } catch (error) {
    throw error instanceof Pop3Error ? error : new ConnectFailedError(host, port, error);
  }
}

function openTcp(host: string, port: number, staysPlain: boolean, stepLimit: StepLimit): Promise<Socket> {
  return limited("connect", stepLimit, (resolve, reject) => {
    const target = { host, port, noDelay: true };
    const socket = staysPlain ? connectSlabs(target) : connectTcp(target);
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
    return () => socket.destroy();
  });
}

/**
 * A socket that reads into large slabs of memory, many reads into one, and gives slices of them as `data`. The usual way
 * through Readable costs a buffer for each read, and half as much time again as the kernel needs.
 */
function connectSlabs(target: TcpNetConnectOpts): Socket {
  const slabs = new Slabs();
  const socket: Socket = connectTcp({
    ...target,
    onread: {
      buffer: () => slabs.room(),
      callback: (octets, buffer): boolean => {
        slabs.use(octets);
        socket.emit("data", buffer.subarray(0, octets));
        return !socket.isPaused();
      },
    },
  });
  // Paused, so that nothing arrives before the session listens.
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
  stepLimit: StepLimit,
): Promise<Duplex> {
  plain.on("error", () => undefined);
  try {
    return await handshake(plain, host, options, stepLimit);
  } catch (error) {
    plain.destroy();
    // Any other error is node:tls refusing a setting.
    throw error instanceof Pop3Error ? error : new TlsFailedError(host, error);
  }
}

function handshake(plain: Duplex, host: string, options: TlsOptions, stepLimit: StepLimit): Promise<Duplex> {
  const servername = options.servername ?? host;
  return limited<Duplex>("tls", stepLimit, (resolve, reject) => {
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
    // Read now, before Node verifies the certificate and, if it does not trust it, forgets it.
    secure.prependOnceListener("secure", () => {
      certificate = serverCertificate(peerCertificate(secure));
    });
    const failed = (cause: unknown): void => {
      // Deno's sockets set no authorizationError: there the error's code has to tell.
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

/** The options of node:tls that say whom it trusts. */
function trustOf({ ca, trustedCertificates }: TlsOptions): ConnectionOptions {
  // Then isPinned alone decides, before anything is sent.
  if (trustedCertificates !== undefined) return { rejectUnauthorized: false };
  return {
    // Named here, because NODE_TLS_REJECT_UNAUTHORIZED=0 would switch the default off.
    rejectUnauthorized: true,
    ...trustedAuthorities(ca),
  };
}

/** The options of node:tls by which it trusts these certificates, and what they have signed, besides its own list. */
export function trustedAuthorities(ca: TlsOptions["ca"]): ConnectionOptions {
  if (ca === undefined) return {};
  const given = [ca].flat();
  return {
    ca: [...rootCertificates, ...given],
    // Without this OpenSSL looks for who signed the certificate, and finds nobody.
    ...(given.some(isSignedByOthers) ? { allowPartialTrustChain: true } : {}),
  };
}

/**
 * Whether the certificate's key is so weak that to show the certificate proves nothing, unless the ciphers allow weak keys.
 * The key is looked at, too, because OpenSSL reports only the first fault of a certificate.
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
 * The setting without which OpenSSL does not speak old versions of TLS. BoringSSL, which Bun has, knows no levels of
 * security and needs none.
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

/**
 * Makes a TLS handshake of any version with whoever is there, to find out what the server speaks. Nothing may be sent
 * over that connection. Throws TlsFailedError, TimeoutError, AbortedError.
 */
export function openAnyTls(plain: Duplex, host: string, stepLimit: StepLimit): Promise<TLSSocket> {
  return limited<TLSSocket>("tls", stepLimit, (resolve, reject) => {
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

/** The server's certificate in DER. Node 20's getPeerX509Certificate gives it to the first caller only, so it is not used. */
function peerCertificate(stream: TLSSocket): Uint8Array | null {
  // Where there is none, Node gives an object without properties, and Bun nothing as long as the handshake goes on.
  const certificate = stream.getPeerCertificate() as { readonly raw?: Uint8Array } | null | undefined;
  return certificate?.raw ?? null;
}

function clientCertificate({ clientCertificate }: TlsOptions): ConnectionOptions {
  if (clientCertificate === undefined) return {};
  const { certificate: cert, key, passphrase } = clientCertificate;
  return passphrase === undefined ? { cert, key } : { cert, key, passphrase };
}

/** What a login may be bound to; none without TLS. */
export function channelBindings(stream: Duplex): ChannelBinding[] {
  if (!(stream instanceof TLSSocket)) return [];
  const bindings: ChannelBinding[] = [];
  // RFC 9266 section 4.2: before TLS 1.3 it takes an extension, of which Node does not tell. Deno's sockets cannot export.
  if (stream.getProtocol() === "TLSv1.3" && typeof stream.exportKeyingMaterial === "function") {
    const data = stream.exportKeyingMaterial(32, "EXPORTER-Channel-Binding", Buffer.alloc(0));
    bindings.push({ type: "tls-exporter", data });
  }
  const certificate = peerCertificate(stream);
  const data = certificate === null ? null : serverEndPoint(certificate);
  if (data !== null) bindings.push({ type: "tls-server-end-point", data });
  return bindings;
}
