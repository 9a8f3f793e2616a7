import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect as connectTcp, isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls, rootCertificates, type TLSSocket } from "node:tls";
import type { Dial, TlsOptions } from "@mailonce/pop3";
import type { AccountAddress } from "../account-url.ts";
import { TimeLimit } from "../time-limit.ts";
import type { TlsFacts } from "./facts.ts";

/** What looking at a server's certificate needs. */
export interface InspectTlsOptions {
  readonly account: AccountAddress;
  readonly tls?: TlsOptions | undefined;
  readonly dial?: Dial | undefined;
  readonly signal: AbortSignal;
  /** For all of it; 30,000 if absent. */
  readonly timeoutMs?: number | undefined;
  /** For the greeting, where there is to be one; else as long as for all. */
  readonly greetingMs?: number | undefined;
}

const LONGEST_LINE = 8192;

/**
 * Looks at the certificate over a connection of its own, whatever it is worth: nothing but STLS is sent, and nobody
 * logs in. Null where no TLS comes about; why not is for the connection proper to tell.
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
    ...(tls.ca === undefined ? {} : { ca: [...rootCertificates, ...[tls.ca].flat()] }),
    // To be looked at, not to be trusted: the connection proper decides, and sends nothing before.
    rejectUnauthorized: false,
    minVersion: "TLSv1",
    ciphers: "DEFAULT@SECLEVEL=0",
  });
  try {
    await once(secure, "secureConnect", { signal });
    return factsOf(secure);
  } finally {
    secure.destroy();
  }
}

function factsOf(secure: TLSSocket): TlsFacts | null {
  const { raw } = secure.getPeerCertificate() as { readonly raw?: Buffer };
  if (raw === undefined) return null;
  const certificate = new X509Certificate(raw);
  const key = certificate.publicKey.export({ type: "spki", format: "der" });
  return {
    protocol: secure.getProtocol() ?? "",
    cipher: secure.getCipher().standardName,
    distrust: secure.authorized ? null : codeOf(secure.authorizationError),
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    names: (certificate.subjectAltName ?? "")
      .split(", ")
      .flatMap((name) => name.replace(/^[^:]*:/, "") || []),
    validFrom: new Date(certificate.validFrom),
    validTo: new Date(certificate.validTo),
    certificatePin: sha256(raw),
    publicKeyPin: sha256(key),
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

function sha256(octets: Uint8Array): string {
  return createHash("sha256").update(octets).digest("base64");
}
