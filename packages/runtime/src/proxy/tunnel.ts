import type { Socket } from "node:net";
import type { ProxyAddress } from "./proxy-url.ts";

/** The server behind a proxy. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/**
 * Has the proxy at the other end of the socket connect to the server. Resolves with the socket paused and nothing of
 * the server's octets lost.
 * @throws ProxyError
 */
export type Tunnel = (socket: Socket, proxy: ProxyAddress, target: Target) => Promise<void>;
