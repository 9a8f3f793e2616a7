import mysql2, { type Connection, type RowDataPacket } from "mysql2";
import type { ServerAddress } from "../database/database-address.ts";
import type { Select } from "../migrations/schema-report.ts";
import { serverPlace } from "../server/server-place.ts";
import { ServerRefusalError } from "../server/server-refusal-error.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { isMissingTable, mysqlError } from "./errors.ts";

/** CLIENT_SSL of the capability flags in the server's greeting. */
const OFFERS_TLS = 0x800;

const ACCESS_DENIED = 1045;

/** Gives `work` a connection outside of the pool, to ask what the server is and to hold the migrations' lock. */
export async function withSingleConnection<T>(
  address: ServerAddress,
  options: ConnectionOptions,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = mysql2.createConnection(options);
  // Without a listener an error between two statements would end the process; the next statement reports it.
  connection.on("error", () => {});
  try {
    return await work(connection);
  } catch (error) {
    throw withAdvice(error, address, connection);
  } finally {
    connection.destroy();
  }
}

/** Runs a statement. @throws mysql2's error */
export function query(
  connection: Connection,
  sql: string,
  values: readonly unknown[] = [],
): Promise<RowDataPacket[]> {
  return new Promise((resolve, reject) => {
    connection.query<RowDataPacket[]>(sql, [...values], (error, rows) =>
      error ? reject(error) : resolve(rows),
    );
  });
}

/** The select by which the report on the schema reads the migrations. */
export function selectOn(connection: Connection): Select {
  return (sql) =>
    query(connection, sql).catch((error: unknown) => {
      if (isMissingTable(error)) return null;
      throw error;
    });
}

/** For people, as long as it is not known what the server is. */
export function placeOf(address: ServerAddress): string {
  return serverPlace({ ...address, product: null, version: "" });
}

/** An account that wants TLS, or a certificate, is refused in the same words as a wrong password. */
function withAdvice(error: unknown, address: ServerAddress, connection: Connection): Error {
  const known = mysqlError(error, placeOf(address));
  const { errno } = (known.cause ?? {}) as { readonly errno?: number };
  if (errno !== ACCESS_DENIED) return known;
  const advice = adviceFor(address, connection);
  if (advice === null) return known;
  return new ServerRefusalError("store-refused", known.message.replace(/\.$/, `; ${advice}.`), {
    cause: known.cause,
  });
}

function adviceFor({ tls }: ServerAddress, connection: Connection): string | null {
  if (tls === undefined) {
    const flags: unknown = Reflect.get(connection, "serverCapabilityFlags");
    const offersTls = typeof flags === "number" && (flags & OFFERS_TLS) !== 0;
    return offersTls
      ? "it says the same to accounts that need an encrypted connection, so if they are right, add ?tls=verify to the database's URL"
      : null;
  }
  return tls.client === null
    ? "it says the same to accounts that need a client's certificate (cert= and key= in the database's URL)"
    : null;
}
