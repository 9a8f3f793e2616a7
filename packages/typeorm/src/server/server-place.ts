/** What a server's description is made of. */
export interface ServerFacts {
  /** Null as long as it is not known. */
  readonly product: "mysql" | "mariadb" | null;
  readonly version: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
}

/** For example `MariaDB 10.11 at db.example.org:3306/mail`. */
export function serverPlace({ product, version, host, port, database }: ServerFacts): string {
  const at = `${host.includes(":") ? `[${host}]` : host}:${port}/${database}`;
  if (product === null) return `The database at ${at}`;
  const release = /^\d+\.\d+/.exec(version)?.[0];
  return `${product === "mariadb" ? "MariaDB" : "MySQL"}${release ? ` ${release}` : ""} at ${at}`;
}
