import type { Connection } from "mysql2";
import type { Dialect } from "../database/dialect.ts";
import { type SchemaReport, schemaReport } from "../migrations/schema-report.ts";
import type { TableNames } from "../schema/table-names.ts";
import { isLoopback, type ServerAddress } from "../server/server-address.ts";
import { serverPlace } from "../server/server-place.ts";
import { connectionOptions } from "./connection-options.ts";
import { lackingPrivileges } from "./grants.ts";
import { query, withScout } from "./scout.ts";

/** What a server is like, and what its user may do. */
export interface ServerInspection {
  readonly product: Exclude<Dialect, "sqlite">;
  /** Such as `10.11.6`. */
  readonly version: string;
  /** True if its makers have given it up, and nobody tries it here any more. */
  readonly isOld: boolean;
  /** True if the connection does not leave this machine. */
  readonly isLoopback: boolean;
  /** Null: it is not encrypted. */
  readonly encryption: ServerEncryption | null;
  readonly isReadOnly: boolean;
  /** What the user may not do, of what a fetch needs (and migrations, where some are due); null if it cannot be told. */
  readonly lacking: readonly string[] | null;
}

/** How the connection is encrypted. */
export interface ServerEncryption {
  readonly protocol: string;
  readonly cipher: string;
  /** What was looked at of the certificate: all of it, its authority alone, or nothing. */
  readonly verified: "host" | "authority" | "nothing";
}

/** Of each product the oldest version, major and minor, that is still kept by its makers or tried here. */
const OLDEST = { mysql: [8, 0], mariadb: [10, 6] } as const;

const FOR_FETCH = ["SELECT", "INSERT", "UPDATE", "DELETE"];
const FOR_MIGRATIONS = ["CREATE", "ALTER", "DROP", "INDEX", "REFERENCES"];

/** Looks at a server and its database over a connection of its own; changes nothing. @throws the store's errors */
export async function inspectServer(
  address: ServerAddress,
  names: TableNames,
): Promise<{ readonly place: string; readonly schema: SchemaReport; readonly server: ServerInspection }> {
  const options = await connectionOptions(address);
  return withScout(address, options, async (scout) => {
    const [row] = await query(scout, "SELECT VERSION() AS version, @@global.read_only AS is_read_only");
    const [version = "", product] = productOf(String(row?.["version"]));
    const schema = await schemaReport(names, (sql) => query(scout, sql));
    const grants = await query(scout, "SHOW GRANTS");
    const needed = schema.due.length === 0 ? FOR_FETCH : [...FOR_FETCH, ...FOR_MIGRATIONS];
    const lines = grants.map((line) => String(Object.values(line)[0]));
    const readOnly = String(row?.["is_read_only"]).toUpperCase();
    const server: ServerInspection = {
      ...{ product, version, isOld: isOld(product, version), isLoopback: isLoopback(address) },
      encryption: await encryptionOf(scout, address),
      isReadOnly: readOnly !== "0" && readOnly !== "OFF",
      lacking: lackingPrivileges(lines, address.database, needed),
    };
    return { place: serverPlace({ ...address, product, version }), schema, server };
  });
}

function productOf(text: string): [version: string, product: Exclude<Dialect, "sqlite">] {
  // Some say 5.5.5- first, for the sake of old replicas.
  const version = /\d+\.\d+(?:\.\d+)?/.exec(text.replace(/^5\.5\.5-(?=\d)/, ""))?.[0] ?? "";
  return [version, /mariadb/i.test(text) ? "mariadb" : "mysql"];
}

function isOld(product: keyof typeof OLDEST, version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor, leastMinor] = OLDEST[product];
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}

async function encryptionOf(scout: Connection, { tls }: ServerAddress): Promise<ServerEncryption | null> {
  const rows = await query(scout, "SHOW SESSION STATUS WHERE Variable_name IN ('Ssl_version', 'Ssl_cipher')");
  const value = (name: string): string =>
    String(rows.find((row) => row["Variable_name"] === name)?.["Value"] ?? "");
  if (tls === undefined || value("Ssl_cipher") === "") return null;
  const verified = ({ verify: "host", "verify-ca": "authority", required: "nothing" } as const)[tls.mode];
  return { protocol: value("Ssl_version"), cipher: value("Ssl_cipher"), verified };
}
