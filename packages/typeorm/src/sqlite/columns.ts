import { type ColumnKinds, NUMBER, OCTETS, UUID } from "../schema/columns.ts";

/** The tables' columns on SQLite. */
export const SQLITE_COLUMNS: ColumnKinds = {
  digest: { type: "blob", transformer: OCTETS },
  shortDigest: { type: "blob", transformer: OCTETS },
  salt: { type: "blob", transformer: OCTETS },
  uuid: { type: "blob", transformer: UUID },
  key: { type: "blob", transformer: OCTETS },
  content: { type: "blob", transformer: OCTETS },
  exactText: (octets) => ({ type: "varchar", length: octets }),
  text: (points) => ({ type: "varchar", length: points }),
  longText: { type: "text" },
  plainText: (points) => ({ type: "varchar", length: points }),
  integer: { type: "integer" },
  octets: { type: "bigint", transformer: NUMBER },
  flag: { type: "boolean" },
  time: { type: "datetime" },
};
