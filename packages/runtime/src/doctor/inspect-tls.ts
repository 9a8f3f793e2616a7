import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect as connectTcp, isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls, type DetailedPeerCertificate, type TLSSocket } from "node:tls";
import { type Dial, isPinned, serverCertificate, type TlsOptions, trustedAuthorities } from "@mailonce/pop3";
import type { AccountAddress } from "../account/account-url.ts";
import { defined } from "../account/defined.ts";
import { TimeLimit } from "../system/time-limit.ts";
import type { CertificateToTrust, TlsFacts } from "./facts.ts";

/** What looking at a server's certificate needs. */
export interface InspectTlsOptions {
  readonly account: AccountAddress;
  readonly tls?: TlsOptions | undefined;
  readonly dial?: Dial | undefined;
  readonly signal: AbortSignal;
  /** The time limit for all of it, in milliseconds; 30,000 if absent. */
  readonly timeoutMs?: number | undefined;
  /** The time limit for the greeting; the one for all if absent. */
  readonly greetingMs?: number | undefined;
}

const LONGEST_LINE = 8192;

/**
 * Looks at the server's certificate, trusted or not, over a connection of its own, on which nothing but STLS is sent. Null
 * if there is no TLS; the connection by which the examination logs in finds out why.
 */
export async function inspectTls(options: InspectTlsOptions): Promise<TlsFacts | null> {
  const { account, dial, timeoutMs = 30_000, greetingMs = timeoutMs } = options;
  if (account.tls === "none") return null;
  using limit = new TimeLimit(timeoutMs, options.signal);
  const { signal } = limit;
  let plain: Duplex | null = null;
  const abort = (): void => void plain?.destroy();
  signal.addEventListener("abort", abort);
  try {
    const { host, port } = account;
    plain = dial === undefined ? connectTcp({ host, port }) : await dial({ host, port });
    plain.on("error", () => undefined);
    if (account.tls === "stls" && !(await askForTls(plain, signal, greetingMs))) return null;
    return await handshake(plain, account, options.tls ?? {}, signal);
  } catch {
    return null;
  } finally {
    signal.removeEventListener("abort", abort);
    plain?.destroy();
  }
}

/** The greeting, then STLS (RFC 2595 section 4). */
async function askForTls(plain: Duplex, signal: AbortSignal, greetingMs: number): Promise<boolean> {
  using patience = new TimeLimit(greetingMs, signal);
  if (!/^[ \t]*\+OK/i.test(await readLine(plain, patience.signal))) return false;
  plain.write("STLS\r\n");
  return /^[ \t]*\+OK/i.test(await readLine(plain, signal));
}

/** One octet after the other: what follows the line belongs to TLS. */
async function readLine(stream: Duplex, signal: AbortSignal): Promise<string> {
  let line = "";
  const over = once(stream, "close", { signal }).then(() => Promise.reject(new Error("it was closed")));
  over.catch(() => undefined);
  while (!line.endsWith("\n")) {
    const octet: Buffer | null = stream.read(1);
    if (octet === null) {
      if (stream.destroyed) throw new Error("it was closed");
      await Promise.race([once(stream, "readable", { signal }), over]);
      continue;
    }
    line += octet.toString("latin1");
    if (line.length > LONGEST_LINE) throw new Error("the line is too long");
  }
  return line;
}

async function handshake(
  plain: Duplex,
  { host }: AccountAddress,
  tls: TlsOptions,
  signal: AbortSignal,
): Promise<TlsFacts | null> {
  const servername = tls.servername ?? host;
  const secure = connectTls({
    socket: plain,
    host: servername,
    ...(isIP(servername) === 0 ? { servername } : {}),
    ...trustedAuthorities(tls.ca),
    // The certificate is only looked at: nothing secret goes over this connection.
    rejectUnauthorized: false,
    minVersion: "TLSv1",
    ciphers: "DEFAULT@SECLEVEL=0",
  });
  try {
    await once(secure, "secureConnect", { signal });
    return factsOf(secure, tls);
  } finally {
    secure.destroy();
  }
}

function factsOf(secure: TLSSocket, tls: TlsOptions): TlsFacts | null {
  const { raw } = secure.getPeerCertificate() as { readonly raw?: Buffer };
  const shown = raw === undefined ? null : serverCertificate(raw);
  if (raw === undefined || shown === null) return null;
  const certificate = new X509Certificate(raw);
  const byFingerprint = tls.trustedCertificates !== undefined;
  return {
    protocol: secure.getProtocol() ?? "",
    cipher: secure.getCipher().standardName,
    distrust: distrustOf(secure, raw, tls),
    byFingerprint,
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    names: (certificate.subjectAltName ?? "")
      .split(", ")
      .flatMap((name) => name.replace(/^[^:]*:/, "") || []),
    validFrom: shown.validFrom,
    validTo: shown.validTo,
    certificatePin: shown.sha256,
    publicKeyPin: shown.publicKeySha256,
    ...defined({ toTrust: certificateToTrust(secure) ?? undefined }),
  };
}

/** Why the POP3 client would not trust the certificate; null if it would. */
function distrustOf(secure: TLSSocket, raw: Uint8Array, tls: TlsOptions): string | null {
  const isTrusted = secure.authorized || tls.trustedCertificates !== undefined;
  if (!isTrusted) return codeOf(secure.authorizationError);
  return isPinned(raw, tls) ? null : "PIN_MISMATCH";
}

/** Goes from the server's certificate to who signed it, as far as the server shows that. */
function certificateToTrust(secure: TLSSocket): CertificateToTrust | null {
  const own: DetailedPeerCertificate = secure.getPeerCertificate(true);
  let last = own;
  const seen = new Set<string>();
  while (last.issuerCertificate?.raw !== undefined && !seen.has(last.fingerprint256)) {
    seen.add(last.fingerprint256);
    last = last.issuerCertificate;
  }
  const known = serverCertificate(last.raw);
  if (known === null) return null;
  const certificate = new X509Certificate(last.raw);
  return {
    pem: certificate.toString(),
    subject: oneLine(certificate.subject),
    isServers: last.fingerprint256 === own.fingerprint256,
    certificatePin: known.sha256,
    publicKeyPin: known.publicKeySha256,
  };
}

/** Node says that it is an Error; it is the code alone, as of Node 24. */
function codeOf(error: unknown): string {
  if (error instanceof Error) return "code" in error ? String(error.code) : error.message;
  return String(error);
}

/** X509Certificate puts each part into a line of its own, the most general first. */
function oneLine(name: string | undefined): string {
  return (name ?? "").split("\n").reverse().join(", ");
}
