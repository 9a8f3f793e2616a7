import { type ColumnKinds, NUMBER, OCTETS, UTF8, UUID } from "../schema/columns.ts";

/** The tables' columns on MySQL and MariaDB. */
export const MYSQL_COLUMNS: ColumnKinds = {
  digest: { type: "binary", length: 32, transformer: OCTETS },
  shortDigest: { type: "binary", length: 16, transformer: OCTETS },
  salt: { type: "binary", length: 16, transformer: OCTETS },
  uuid: { type: "binary", length: 16, transformer: UUID },
  key: { type: "varbinary", length: 255, transformer: OCTETS },
  content: { type: "mediumblob", transformer: OCTETS },
  exactText: (octets) => ({ type: "varbinary", length: octets, transformer: UTF8 }),
  text: (points) => ({ type: "varchar", length: points }),
  longText: { type: "mediumtext" },
  plainText: (points) => ({ type: "varchar", length: points, collation: "utf8mb4_bin" }),
  integer: { type: "int" },
  octets: { type: "bigint", transformer: NUMBER },
  flag: { type: "boolean" },
  time: { type: "datetime", precision: 3 },
};
