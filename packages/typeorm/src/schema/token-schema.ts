import type { EntitySchemaOptions } from "typeorm";
import { TEXT_LENGTH } from "../values/stored-text.ts";
import type { ColumnKinds } from "./columns.ts";
import type { TableNames } from "./table-names.ts";

/** A row of `oauth2_token`: what an account logs in with, encrypted. */
export interface OAuth2TokenRecord {
  account: string;
  /** Another one after each change. */
  version: string;
  sealed: Uint8Array;
  refusalCode: string | null;
  refusalMessage: string | null;
  claimToken: string | null;
  claimOwner: string | null;
  claimExpiresAt: Date | null;
  changedAt: Date;
}

/** `oauth2_token`: one row for each account that is logged in by OAuth 2. */
export function oauth2TokenSchema(
  kinds: ColumnKinds,
  names: TableNames,
): EntitySchemaOptions<OAuth2TokenRecord> {
  const table = names.oauth2Token;
  return {
    name: table,
    tableName: table,
    columns: {
      account: { ...kinds.exactText(512), primary: true, primaryKeyConstraintName: `${table}_pk` },
      version: kinds.text(36),
      sealed: kinds.content,
      refusalCode: { ...kinds.text(TEXT_LENGTH.reasonCode), name: "refusal_code", nullable: true },
      refusalMessage: { ...kinds.text(TEXT_LENGTH.reasonMessage), name: "refusal_message", nullable: true },
      claimToken: { ...kinds.text(64), name: "claim_token", nullable: true },
      claimOwner: { ...kinds.text(512), name: "claim_owner", nullable: true },
      claimExpiresAt: { ...kinds.time, name: "claim_expires_at", nullable: true },
      changedAt: { ...kinds.time, name: "changed_at" },
    },
  };
}
