import type { ServerAddress } from "../database/database-address.ts";

/** What a server's description is made of. */
export interface ServerFacts extends Pick<ServerAddress, "host" | "port" | "database"> {
  /** Such as `MariaDB`; null as long as it is not known. */
  readonly product: string | null;
  readonly version: string;
}

/** For example `MariaDB 10.11 at db.example.org:3306/mail`. */
export function serverPlace({ product, version, host, port, database }: ServerFacts): string {
  const at = `${host.includes(":") ? `[${host}]` : host}:${port}/${database}`;
  if (product === null) return `The database at ${at}`;
  const release = /^\d+\.\d+/.exec(version)?.[0];
  return `${product}${release ? ` ${release}` : ""} at ${at}`;
}

/** True where nobody on a network can listen: the server is on this machine. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
