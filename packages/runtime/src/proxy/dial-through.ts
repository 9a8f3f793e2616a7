import { connect, type Socket } from "node:net";
import type { Dial, Timeouts } from "@mailonce/pop3";
import { httpTunnel } from "./http-tunnel.ts";
import { ProxyError } from "./proxy-error.ts";
import { type ProxyAddress, parseProxyUrl, withProxyPassword } from "./proxy-url.ts";
import { socksTunnel } from "./socks-tunnel.ts";
import type { Target, Tunnel } from "./tunnel.ts";

/** How to go through a proxy. */
export interface DialOptions {
  /** Bounds the way to the proxy and to the server behind it by `connectMs` altogether; 30,000 if absent. */
  readonly timeouts?: Partial<Timeouts>;
  /** Ends it at once. */
  readonly signal?: AbortSignal;
  /** Used where the URL names a user and no password. */
  readonly password?: string | undefined;
}

const TUNNELS: Readonly<Record<ProxyAddress["kind"], Tunnel>> = { socks5: socksTunnel, http: httpTunnel };

const CONNECT_MS = 30_000;
/** Timers of Node fire at once beyond this. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * The POP3 client's way through a proxy: `socks5://[USER[:PASSWORD]@]HOST[:PORT]` or `http://…` (CONNECT). The proxy
 * looks the server's name up; TLS is between here and the server, and its certificate must be that of the server. The
 * stream's dialler throws ProxyError, which never holds the password.
 * @throws ProxyUrlError at once for a URL that makes no sense
 */
export function dialThrough(proxyUrl: string, options: DialOptions = {}): Dial {
  const given = parseProxyUrl(proxyUrl);
  const wantsPassword = given.user !== null && given.password === null;
  const proxy = wantsPassword && options.password ? withProxyPassword(given, options.password) : given;
  return (target) => dial(proxy, target, options);
}

async function dial(proxy: ProxyAddress, target: Target, { timeouts, signal }: DialOptions): Promise<Socket> {
  signal?.throwIfAborted();
  // A little before the client's own limit, which could not tell that it was the proxy.
  const ms = Math.max(1, Math.min((timeouts?.connectMs ?? CONNECT_MS) * 0.95, LONGEST_MS));
  const socket = connect({ host: proxy.host, port: proxy.port, noDelay: true });
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new ProxyError("timeout", proxy, target)), ms);
    onAbort = () => reject(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
  try {
    await Promise.race([through(socket, proxy, target), ended]);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) signal?.removeEventListener("abort", onAbort);
  }
}

async function through(socket: Socket, proxy: ProxyAddress, target: Target): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    // The listener stays: later errors are reported by `close`, or by the tunnel.
    socket.on("error", (error: NodeJS.ErrnoException) => {
      reject(new ProxyError("unreachable", proxy, target, error.code));
    });
    socket.once("connect", resolve);
  });
  await TUNNELS[proxy.kind](socket, proxy, target);
}
