import { isIPv6 } from "node:net";
import { createSecureContext } from "node:tls";
import { domainToASCII } from "node:url";
import { FailureError } from "../failure/failure-error.ts";
import { hostLiteral } from "../text/host-literal.ts";

/** How the connection is protected: by TLS from the first octet, by STLS, without which there is no login, or not. */
export type TlsMode = "implicit" | "stls" | "none";

/**
 * Outdated TLS that is accepted from a server. Whoever stands in between can make use of it, too: see `TlsOptions` of
 * `@mailonce/pop3`.
 */
export interface TlsAllowance {
  readonly minVersion?: TlsVersion;
  /** In OpenSSL's notation. */
  readonly ciphers?: string;
}

/** The versions of TLS, by Node's names for them. */
export const TLS_VERSIONS = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;
export type TlsVersion = (typeof TLS_VERSIONS)[number];

/** The characters of a list of cipher suites in OpenSSL's notation. */
const CIPHERS_FORM = /^[A-Za-z0-9@=+!:_.-]{1,500}$/;

/** Where a maildrop is served, and whose it is. */
export interface AccountAddress {
  readonly user: string;
  /** Lower case, in ASCII (IDNA); an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly tls: TlsMode;
  /** If absent, nothing but what Node takes for safe, and TLS 1.2 at least. */
  readonly allowed?: TlsAllowance;
}

/** A maildrop's name plus how to reach it. */
export interface Account extends AccountAddress {
  /** The maildrop's name in the ledger. */
  readonly maildrop: string;
}

/** An account's URL that cannot be used as it is written. The message never repeats a part that may be secret. */
export class AccountUrlError extends FailureError {
  constructor(message: string) {
    super("account-url", message, "usage");
  }
}

/** The error's message where a URL seems to hold a password. */
export const PASSWORD_IN_URL =
  "a password does not belong in the URL: process lists and the shell's history would show it. " +
  "Leave it out; it is asked for on a terminal, or give it through --password-stdin or MAILONCE_PASSWORD";

const SIGN_IN_USER = "the user holds a / or ? or #: write %2F, %3F or %23 for it";

const SCHEMES: Readonly<Record<string, { readonly port: number; readonly tls: TlsMode }>> = {
  pop3s: { port: 995, tls: "implicit" },
  pop3: { port: 110, tls: "stls" },
};

/**
 * Reads `pop3s://USER@HOST[:PORT]` (TLS, port 995), `pop3://USER@HOST[:PORT]` (STLS required, port 110) or
 * `pop3://USER@HOST[:PORT]?tls=none` (plaintext). USER may hold an `@` as it is, anything else percent-encoded. With TLS
 * `?minVersion=TLSv1` and `ciphers=…` let outdated servers in.
 *
 * Node's URL class would not do: of unknown schemes it neither lower-cases nor IDNA-converts the host.
 * @throws AccountUrlError
 */
export function parseAccountUrl(text: string): AccountAddress {
  const match = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/is.exec(text);
  const scheme = SCHEMES[match?.[1]?.toLowerCase() ?? ""];
  if (match === null || scheme === undefined) {
    throw new AccountUrlError("an account is pop3s://USER@HOST (TLS) or pop3://USER@HOST (STLS)");
  }
  const [, , authority = "", tail = ""] = match;
  const at = authority.lastIndexOf("@");
  // An unencoded `/`, `?` or `#` in user or password ends the authority early: an `@` further on gives it away.
  if (at < 0 && tail.includes("@"))
    throw new AccountUrlError(authority.includes(":") ? PASSWORD_IN_URL : SIGN_IN_USER);
  const user = readUser(authority.slice(0, Math.max(at, 0)));
  const { host, port } = readHost(authority.slice(at + 1));
  return { user, host, port: port ?? scheme.port, ...readTail(tail, scheme.tls) };
}

/** The name that a bare URL's maildrop has in the ledger: user, `@`, host, and the port unless it is 110 or 995. */
export function maildropName(address: Pick<AccountAddress, "user" | "host" | "port">): string {
  const port = address.port === 110 || address.port === 995 ? "" : `:${address.port}`;
  return `${address.user}@${hostLiteral(address.host)}${port}`;
}

/** The account of a bare URL; `name` overrides the maildrop's name. */
export function accountOf(address: AccountAddress, name?: string): Account {
  return { ...address, maildrop: name ?? maildropName(address) };
}

/** The URL that {@link parseAccountUrl} reads as this address. */
export function accountUrl({ user, host, port, tls, allowed = {} }: AccountAddress): string {
  const scheme = tls === "implicit" ? "pop3s" : "pop3";
  const usual = SCHEMES[scheme]?.port === port;
  // An @ may stand as it is; what else could be taken for another part of the URL is percent-encoded.
  const name = encodeURIComponent(user).replaceAll("%40", "@");
  const parameters = { ...(tls === "none" ? { tls } : {}), ...allowed };
  const query = Object.entries(parameters).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  const tail = query.length === 0 ? "" : `?${query.join("&")}`;
  return `${scheme}://${name}@${hostLiteral(host)}${usual ? "" : `:${port}`}${tail}`;
}

function readUser(encoded: string): string {
  if (encoded.includes(":")) throw new AccountUrlError(PASSWORD_IN_URL);
  if (encoded === "") throw new AccountUrlError("the URL names no user: write pop3s://USER@HOST");
  const user = decodePercent(encoded);
  if (user === null)
    throw new AccountUrlError("the user has a % that is no percent-encoding: write %25 for %");
  // CR and LF would end the USER command and begin another.
  if (/\p{Cc}/u.test(user)) throw new AccountUrlError("the user holds a control character");
  return user;
}

function readHost(text: string): { host: string; port: number | null } {
  if (isIPv6(text))
    throw new AccountUrlError("an IPv6 address stands in brackets, and the port after them: USER@[::1]:995");
  const match = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(text);
  if (match === null)
    throw new AccountUrlError("after the host comes :PORT; an IPv6 address stands in brackets");
  const [, literal = "", port] = match;
  return { host: asciiHost(literal), port: port === undefined ? null : readPort(port) };
}

function asciiHost(literal: string): string {
  if (literal === "") throw new AccountUrlError("the URL names no host: write pop3s://USER@HOST");
  if (literal.startsWith("[")) {
    return ipv6Host(literal.slice(1, -1));
  }
  // domainToASCII would read other characters as parts of a URL.
  const ascii = /^[\p{L}\p{N}\p{M}._-]+$/u.test(literal) ? domainToASCII(literal).replace(/\.$/, "") : "";
  if (ascii === "" || ascii.length > 253 || ascii.split(".").includes("")) {
    throw new AccountUrlError("the URL's host is no host name");
  }
  return ascii;
}

/** Checks an IPv6 address and gives it in its shortest form (RFC 5952), so that it has one name. A zone may follow (RFC 6874). */
function ipv6Host(text: string): string {
  const [, address = "", zone = ""] = /^([^%]*)(?:%(?:25)?(.*))?$/s.exec(text) ?? [];
  if (!isIPv6(address) || !/^[\w.~-]*$/.test(zone) || (zone === "" && text.includes("%")))
    throw new AccountUrlError("what stands in brackets is no IPv6 address");
  const shortest = new URL(`http://[${address}]`).hostname.slice(1, -1);
  return zone === "" ? shortest : `${shortest}%${zone}`;
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new AccountUrlError("the URL's port is no number from 1 to 65535");
  return port;
}

const QUERY_FORM =
  "the only query that a POP3 URL knows is ?tls=none (plaintext), and for outdated servers ?minVersion=TLSv1 and ?ciphers=DEFAULT@SECLEVEL=0";

function readTail(tail: string, tls: TlsMode): Pick<AccountAddress, "tls" | "allowed"> {
  const match = /^\/?(?:\?([^#]*))?$/.exec(tail);
  if (match === null)
    throw new AccountUrlError("a POP3 URL ends after host and port: it has no path and no fragment");
  const query = match[1] ?? "";
  if (query === "") return { tls };
  if (query === "tls=none") {
    if (tls !== "implicit") return { tls: "none" };
    throw new AccountUrlError("pop3s:// is TLS; plaintext is pop3://USER@HOST?tls=none");
  }
  const allowed: { minVersion?: TlsVersion; ciphers?: string } = {};
  for (const wish of query.split("&")) {
    const [, key = "", encoded = ""] = /^([^=]*)=(.*)$/.exec(wish) ?? [];
    const value = decodePercent(encoded);
    if (key === "minVersion" && allowed.minVersion === undefined) allowed.minVersion = readVersion(value);
    else if (key === "ciphers" && allowed.ciphers === undefined) allowed.ciphers = readCiphers(value);
    else throw new AccountUrlError(QUERY_FORM);
  }
  return { tls, allowed };
}

function readVersion(text: string | null): TlsVersion {
  const version = TLS_VERSIONS.find((one) => one === text);
  if (version !== undefined) return version;
  throw new AccountUrlError(`the URL's minVersion is none of ${TLS_VERSIONS.join(", ")}`);
}

function readCiphers(text: string | null): string {
  const fault = cipherFault(text);
  if (text !== null && fault === null) return text;
  throw new AccountUrlError(`the URL's ciphers ${fault}`);
}

/** What is wrong with a list of ciphers, to be read after "ciphers"; null if nothing is. */
export function cipherFault(list: unknown): string | null {
  if (typeof list !== "string" || !CIPHERS_FORM.test(list))
    return "must be a list as OpenSSL has it, such as DEFAULT@SECLEVEL=0: this is no list";
  if (areCiphers(list)) return null;
  const unknown = list
    .split(":")
    .map((name) => name.replace(/@.*$/, ""))
    .find((name) => /^[A-Za-z0-9]/.test(name) && !areCiphers(name));
  return unknown === undefined
    ? "must leave some: OpenSSL makes nothing of this list"
    : `must be known to OpenSSL: no cipher is called ${unknown}`;
}

function areCiphers(ciphers: string): boolean {
  try {
    createSecureContext({ ciphers });
    return true;
  } catch {
    return false;
  }
}

function decodePercent(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
