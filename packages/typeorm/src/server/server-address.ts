import type { DatabaseTls } from "./database-tls.ts";

/** Where a database server is, who logs in, and how the connection is protected. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | null;
  readonly database: string;
  /** Absent: it is not encrypted. */
  readonly tls?: DatabaseTls;
}

/** True where nobody on a network can listen: the server is on this machine. */
export function isLoopback({ host }: Pick<ServerAddress, "host">): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
