import type { Connector } from "../database/connector.ts";
import type { ServerAddress } from "../database/database-address.ts";
import type { Opening } from "../database/opening.ts";
import { readServerUrl } from "../server/server-url.ts";
import { MYSQL_DIALECT } from "./dialect.ts";
import { MysqlGateway, placeOfDataSource } from "./mysql-gateway.ts";
import { MARIADB, MYSQL, type Product } from "./product.ts";

const DEFAULT_PORT = 3306;

export const mysql: Connector = connectorOf(MYSQL);

export const mariadb: Connector = connectorOf(MARIADB);

function connectorOf(product: Product): Connector {
  return {
    dialect: MYSQL_DIALECT,
    dataSourceType: product.type,
    takesQuery: true,
    gateway: (dataSource, patience) =>
      new MysqlGateway(dataSource, {
        place: placeOfDataSource(dataSource, product),
        patience,
        settings: null,
      }),
    locate: (url) => {
      const address = readServerUrl(url, product.type, DEFAULT_PORT);
      const to = ({ password }: Opening): ServerAddress => ({
        ...address,
        password: address.password ?? password ?? null,
      });
      return {
        address: { kind: "server", ...address },
        // With TypeORM and mysql2, which are loaded when a server is connected to, not before.
        open: async (opening) => (await import("./open-server.ts")).openServer(to(opening), opening),
        openExisting: async (opening) =>
          (await import("./open-server.ts")).openExistingServer(to(opening), opening),
        inspect: async (opening) =>
          (await import("./inspect-server.ts")).inspectServer(to(opening), opening.names),
      };
    },
  };
}
