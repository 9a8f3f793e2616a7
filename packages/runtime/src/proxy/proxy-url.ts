import { isIPv6 } from "node:net";
import { FailureError } from "../failure/failure-error.ts";
import { hostLiteral } from "../text/host-literal.ts";

/** A proxy's address, and the login for it. */
export interface ProxyAddress {
  /** SOCKS 5 (RFC 1928), or HTTP CONNECT (RFC 9110 section 9.3.6). */
  readonly kind: "socks5" | "http";
  /** An IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** Null: it asks for no login. */
  readonly user: string | null;
  readonly password: string | null;
}

/** A proxy's URL that cannot be used as it is written. The message never repeats any part of it. */
export class ProxyUrlError extends FailureError {
  constructor(message: string) {
    super("proxy-url", message, "usage");
  }
}

const KINDS: Readonly<Record<string, ProxyAddress["kind"]>> = {
  "socks5:": "socks5",
  // As curl writes it: the proxy looks names up, which is what SOCKS 5 means here anyway.
  "socks5h:": "socks5",
  "http:": "http",
};

const SHAPE = "a proxy is socks5://[USER@]HOST[:PORT] or http://[USER@]HOST:PORT";

/** RFC 1929 section 2: each has one octet for its length. */
const LONGEST_SOCKS_NAME = 255;

/**
 * Reads `socks5://[USER[:PASSWORD]@]HOST[:PORT]` (port 1080) or `http://[USER[:PASSWORD]@]HOST:PORT`.
 * @throws ProxyUrlError
 */
export function parseProxyUrl(text: string): ProxyAddress {
  const scheme = /^([a-z0-9]+:)\/\//i.exec(text)?.[1] ?? "";
  const kind = KINDS[scheme.toLowerCase()];
  if (kind === undefined) throw new ProxyUrlError(SHAPE);
  // Of schemes that it does not know the URL class takes no port for the default one and leaves it out.
  const url = parse(`proxy:${text.slice(scheme.length)}`);
  if (url === null || url.hostname === "" || !/^\/?$/.test(url.pathname) || url.search + url.hash !== "") {
    throw new ProxyUrlError(SHAPE);
  }
  const host = decodePercent(url.hostname.replace(/^\[(.*)\]$/, "$1"));
  if (/[^\p{L}\p{N}\p{M}._-]/u.test(host) && !isIPv6(host)) throw new ProxyUrlError(SHAPE);
  const port = url.port === "" && kind === "socks5" ? 1080 : Number(url.port);
  if (url.port === "0" || port === 0) {
    throw new ProxyUrlError("the proxy's URL names no port: write http://HOST:PORT");
  }
  const user = login(url.username, kind);
  const password = login(url.password, kind);
  if (user === null && password !== null)
    throw new ProxyUrlError("the proxy's URL has a password but no user");
  return { kind, host, port, user, password };
}

/** The proxy with this password. @throws ProxyUrlError if its URL names no user, or the password cannot be sent */
export function withProxyPassword(proxy: ProxyAddress, password: string): ProxyAddress {
  if (proxy.user === null) {
    throw new ProxyUrlError(
      "there is a password for the proxy, but its URL names no user: write USER@ before its host",
    );
  }
  return { ...proxy, password: login(encodeURIComponent(password), proxy.kind) };
}

/** What may be shown of it: without user and password. */
export function proxyPlace({ kind, host, port }: ProxyAddress): string {
  return `${kind}://${hostLiteral(host)}:${port}`;
}

function login(encoded: string, kind: ProxyAddress["kind"]): string | null {
  if (encoded === "") return null;
  const text = decodePercent(encoded);
  if (/\p{Cc}/u.test(text)) throw new ProxyUrlError("the proxy's user or password holds a control character");
  if (kind === "socks5" && Buffer.byteLength(text) > LONGEST_SOCKS_NAME) {
    throw new ProxyUrlError("SOCKS 5 takes user and password of at most 255 octets each");
  }
  return text;
}

function parse(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ProxyUrlError("the proxy's URL has a % that is no percent-encoding: write %25 for %");
  }
}
