import type { Dialect } from "../database/dialect.ts";
import type { TableNames } from "../schema/table-names.ts";

/** The statements that create the table of OAuth 2 tokens. They are history: change no statement here. */
export function createTokens(dialect: Dialect, { oauth2Token }: TableNames): readonly string[] {
  return [
    dialect === "sqlite"
      ? `CREATE TABLE IF NOT EXISTS "${oauth2Token}" (
      "account" varchar(512) NOT NULL,
      "version" varchar(36) NOT NULL,
      "sealed" blob NOT NULL,
      "refusal_code" varchar(100),
      "refusal_message" varchar(1000),
      "claim_token" varchar(64),
      "claim_owner" varchar(512),
      "claim_expires_at" datetime,
      "changed_at" datetime NOT NULL,
      CONSTRAINT "${oauth2Token}_pk" PRIMARY KEY ("account")
    )`
      : `CREATE TABLE IF NOT EXISTS ${oauth2Token} (
      account varbinary(512) NOT NULL,
      version varchar(36) NOT NULL,
      sealed mediumblob NOT NULL,
      refusal_code varchar(100) NULL,
      refusal_message varchar(1000) NULL,
      claim_token varchar(64) NULL,
      claim_owner varchar(512) NULL,
      claim_expires_at datetime(3) NULL,
      changed_at datetime(3) NOT NULL,
      CONSTRAINT ${oauth2Token}_pk PRIMARY KEY (account)
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC`,
  ];
}

/** The statements that drop it again. */
export function dropTokens({ oauth2Token }: TableNames): readonly string[] {
  return [`DROP TABLE IF EXISTS ${oauth2Token}`];
}
