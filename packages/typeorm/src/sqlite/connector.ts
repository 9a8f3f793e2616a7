import type { Connector } from "../database/connector.ts";
import { SQLITE_DIALECT } from "./dialect.ts";
import { SqliteGateway } from "./sqlite-gateway.ts";
import { fileOfUrl } from "./sqlite-url.ts";

export const sqlite: Connector = {
  dialect: SQLITE_DIALECT,
  dataSourceType: "better-sqlite3",
  takesQuery: false,
  gateway: (dataSource, { patienceMs }) => new SqliteGateway(dataSource, patienceMs, false),
  locate: (url) => {
    const file = fileOfUrl(url);
    return {
      address: { kind: "sqlite", file },
      open: async (opening) => (await withTypeorm()).openSqlite(file, opening),
      openExisting: async (opening) => (await withTypeorm()).openExistingSqlite(file, opening),
      inspect: async (opening) => (await withTypeorm()).inspectSqlite(file, opening),
    };
  },
};

/** TypeORM is loaded when a file is opened, not before. */
function withTypeorm(): Promise<typeof import("./open-sqlite.ts")> {
  return import("./open-sqlite.ts");
}
