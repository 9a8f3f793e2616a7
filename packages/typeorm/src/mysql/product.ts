/** MySQL and MariaDB speak one dialect as far as the store is concerned. This is what differs. */
export interface Product {
  /** TypeORM's name for it, and the scheme of its URLs. */
  readonly type: "mysql" | "mariadb";
  readonly title: string;
  /** The session's variable for the isolation level: neither name is known to all versions of both. */
  readonly isolation: string;
  /** The oldest version, major and minor, that is still kept by its makers or tried here. */
  readonly oldest: readonly [major: number, minor: number];
}

export const MYSQL: Product = {
  type: "mysql",
  title: "MySQL",
  isolation: "transaction_isolation",
  oldest: [8, 0],
};

export const MARIADB: Product = {
  type: "mariadb",
  title: "MariaDB",
  isolation: "tx_isolation",
  oldest: [10, 6],
};

/** What a server is that says this of its version. A URL's scheme may name either, and is not to be trusted. */
export function productOf(version: string): Product {
  return /mariadb/i.test(version) ? MARIADB : MYSQL;
}
