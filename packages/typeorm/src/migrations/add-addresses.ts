import type { Dialect } from "../database/dialect.ts";
import type { TableNames } from "../schema/table-names.ts";

/**
 * The statements that bring whose mail each maildrop holds. History: change no statement here, write another
 * migration.
 */
export function addAddresses(dialect: Dialect, names: TableNames): readonly string[] {
  return dialect === "sqlite" ? onSqlite(names) : onServer(names);
}

/** The statement that takes it away again. */
export function dropAddresses({ address }: TableNames): readonly string[] {
  return [`DROP TABLE IF EXISTS ${address}`];
}

function onServer({ maildrop, address }: TableNames): readonly string[] {
  return [
    `CREATE TABLE IF NOT EXISTS ${address} (
      maildrop_id int NOT NULL,
      address varbinary(512) NOT NULL,
      CONSTRAINT ${address}_pk PRIMARY KEY (maildrop_id),
      KEY ${address}_address_ix (address),
      CONSTRAINT ${address}_maildrop_fk FOREIGN KEY (maildrop_id) REFERENCES ${maildrop} (id) ON DELETE CASCADE ON UPDATE NO ACTION
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC`,
  ];
}

function onSqlite({ maildrop, address }: TableNames): readonly string[] {
  return [
    `CREATE TABLE IF NOT EXISTS "${address}" (
      "maildrop_id" integer NOT NULL,
      "address" varchar(512) NOT NULL,
      CONSTRAINT "${address}_pk" PRIMARY KEY ("maildrop_id"),
      CONSTRAINT "${address}_maildrop_fk" FOREIGN KEY ("maildrop_id") REFERENCES "${maildrop}" ("id") ON DELETE CASCADE ON UPDATE NO ACTION
    )`,
    `CREATE INDEX IF NOT EXISTS "${address}_address_ix" ON "${address}" ("address")`,
  ];
}
