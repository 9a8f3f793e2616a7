import { connect, isIP, type Socket } from "node:net";
import type { ServerAddress } from "../database/database-address.ts";
import { readTlsFiles } from "../server/tls-files.ts";

const CONNECT_TIMEOUT_MS = 10_000;

/** What mysql2 is told of a server, for one connection and for a pool alike. */
export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string;
  readonly database: string;
  readonly connectTimeout: number;
  /** mysql2 adds to it, and keeps TLS sessions by it: the same object for all connections. */
  ssl?: { ca?: string; cert?: string; key?: string; rejectUnauthorized: boolean; verifyIdentity: boolean };
  readonly stream?: () => Socket;
}

/** @throws MailonceError (`database-tls`) where the files of TLS cannot be used */
export async function connectionOptions(address: ServerAddress): Promise<ConnectionOptions> {
  const { host, port, user, password, database, tls } = address;
  const options = {
    ...{ host, port, user, database },
    ...(password === null ? {} : { password }),
    connectTimeout: CONNECT_TIMEOUT_MS,
  };
  if (tls === undefined) return options;
  const ssl = {
    ...(await readTlsFiles(tls)),
    rejectUnauthorized: tls.mode !== "required",
    verifyIdentity: tls.mode === "verify",
  };
  if (tls.mode !== "verify" || isIP(host) === 0) return { ...options, ssl };
  // Given an address, mysql2 tells TLS no name, which then compares the certificate with "localhost". With a dot at the
  // end it is a name to mysql2, and to Node's comparison, which takes the dot away, the address again.
  return { ...options, ssl, host: `${host}.`, stream: () => dial(host, port) };
}

function dial(host: string, port: number): Socket {
  const socket = connect({ host, port, keepAlive: true });
  socket.setNoDelay(true);
  return socket;
}
