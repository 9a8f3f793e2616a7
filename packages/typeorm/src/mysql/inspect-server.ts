import type { Connection } from "mysql2";
import type { ServerAddress } from "../database/database-address.ts";
import type { ServerEncryption, StoreInspection } from "../database/inspection.ts";
import { schemaReport } from "../migrations/schema-report.ts";
import type { TableNames } from "../schema/table-names.ts";
import { isLoopback, serverPlace } from "../server/server-place.ts";
import { connectionOptions } from "./connection-options.ts";
import { lackingPrivileges } from "./grants.ts";
import { type Product, productOf } from "./product.ts";
import { query, selectOn, withSingleConnection } from "./single-connection.ts";

const FOR_FETCH = ["SELECT", "INSERT", "UPDATE", "DELETE"];
const FOR_MIGRATIONS = ["CREATE", "ALTER", "DROP", "INDEX", "REFERENCES"];

/** Looks at a server and its database over a connection of its own; changes nothing. @throws the store's errors */
export async function inspectServer(address: ServerAddress, names: TableNames): Promise<StoreInspection> {
  const options = await connectionOptions(address);
  return withSingleConnection(address, options, async (connection) => {
    const [row] = await query(connection, "SELECT VERSION() AS version, @@global.read_only AS is_read_only");
    const product = productOf(String(row?.["version"]));
    const version = versionIn(String(row?.["version"]));
    const schema = await schemaReport(names, selectOn(connection));
    const grants = await query(connection, "SHOW GRANTS");
    const needed = schema.due.length === 0 ? FOR_FETCH : [...FOR_FETCH, ...FOR_MIGRATIONS];
    const lines = grants.map((line) => String(Object.values(line)[0]));
    const readOnly = String(row?.["is_read_only"]).toUpperCase();
    return {
      place: serverPlace({ ...address, product: product.title, version }),
      schema,
      server: {
        product: product.type,
        version,
        isOld: isOld(product, version),
        isLoopback: isLoopback(address.host),
        encryption: await encryptionOf(connection, address),
        isReadOnly: readOnly !== "0" && readOnly !== "OFF",
        lacking: lackingPrivileges(lines, address.database, needed),
      },
    };
  });
}

/** Such as `10.11.6`. */
function versionIn(text: string): string {
  // Some say 5.5.5- first, for the sake of old replicas.
  return /\d+\.\d+(?:\.\d+)?/.exec(text.replace(/^5\.5\.5-(?=\d)/, ""))?.[0] ?? "";
}

function isOld({ oldest: [leastMajor, leastMinor] }: Product, version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}

async function encryptionOf(
  connection: Connection,
  { tls }: ServerAddress,
): Promise<ServerEncryption | null> {
  const rows = await query(
    connection,
    "SHOW SESSION STATUS WHERE Variable_name IN ('Ssl_version', 'Ssl_cipher')",
  );
  const value = (name: string): string =>
    String(rows.find((row) => row["Variable_name"] === name)?.["Value"] ?? "");
  if (tls === undefined || value("Ssl_cipher") === "") return null;
  const verified = ({ verify: "host", "verify-ca": "authority", required: "nothing" } as const)[tls.mode];
  return { protocol: value("Ssl_version"), cipher: value("Ssl_cipher"), verified };
}
