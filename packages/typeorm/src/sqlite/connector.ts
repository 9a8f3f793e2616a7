import path from "node:path";
import type { Connector } from "../database/connector.ts";
import { decodePart } from "../database/database-address.ts";
import { DatabaseUrlError } from "../database/database-url-error.ts";
import { SQLITE_DIALECT } from "./dialect.ts";
import { SqliteGateway } from "./sqlite-gateway.ts";

export const sqlite: Connector = {
  dialect: SQLITE_DIALECT,
  dataSourceType: "better-sqlite3",
  takesQuery: false,
  gateway: (dataSource, { patienceMs }) => new SqliteGateway(dataSource, patienceMs, false),
  locate: (url) => {
    const file = fileOfUrl(url);
    return {
      address: { kind: "sqlite", file },
      // With TypeORM, which is loaded when a file is opened, not before.
      open: async (opening) => (await import("./open-sqlite.ts")).openSqlite(file, opening),
      openExisting: async (opening) => (await import("./open-sqlite.ts")).openExistingSqlite(file, opening),
      inspect: async (opening) => (await import("./open-sqlite.ts")).inspectSqlite(file, opening),
    };
  },
};

/** The absolute path of the file that a URL names. @throws DatabaseUrlError */
function fileOfUrl(url: string): string {
  const rest = url.slice("sqlite:".length);
  if (rest.startsWith("//") && !rest.startsWith("///")) {
    throw new DatabaseUrlError(
      "An SQLite database is a file here: write sqlite:file, or sqlite:///file from the root.",
    );
  }
  const file = decodePart(rest.startsWith("///") ? rest.slice(2) : rest);
  if (file === "" || file.endsWith("/")) {
    throw new DatabaseUrlError(
      "The database URL names no file: write sqlite:file, or sqlite:///file from the root.",
    );
  }
  if (file === ":memory:") {
    throw new DatabaseUrlError("An SQLite database in memory forgets which messages are known; name a file.");
  }
  return path.resolve(file);
}
