import type { EntitySchemaOptions } from "typeorm";
import { TEXT_LENGTH } from "../values/stored-text.ts";
import type { ColumnKinds } from "./columns.ts";
import { goingWithMaildrop, maildropKey } from "./of-maildrop.ts";
import type {
  AccountRecord,
  AddressRecord,
  FirstRunRecord,
  LoginRecord,
  OAuth2TokenRecord,
  StandingRecord,
  WorkerRecord,
} from "./records.ts";
import type { TableNames } from "./table-names.ts";

/** `account`: accounts that are kept in the database. */
export function accountSchema(kinds: ColumnKinds, names: TableNames): EntitySchemaOptions<AccountRecord> {
  const table = names.account;
  return {
    name: table,
    tableName: table,
    columns: {
      name: { ...kinds.exactText(512), primary: true, primaryKeyConstraintName: `${table}_pk` },
      settings: kinds.text(8000),
      changedAt: { ...kinds.time, name: "changed_at" },
    },
  };
}

/** `address`: whose mail a maildrop holds, and on which server. */
export function addressSchema(kinds: ColumnKinds, names: TableNames): EntitySchemaOptions<AddressRecord> {
  const table = names.address;
  return {
    name: table,
    tableName: table,
    columns: {
      maildropId: maildropKey(kinds, table),
      address: kinds.exactText(512),
    },
    foreignKeys: [goingWithMaildrop(names, table)],
    indices: [{ name: `${table}_address_ix`, columns: ["address"] }],
  };
}

/** `login`: the login that worked last, and how often it was refused since. */
export function loginSchema(kinds: ColumnKinds, names: TableNames): EntitySchemaOptions<LoginRecord> {
  const table = names.login;
  return {
    name: table,
    tableName: table,
    columns: {
      maildropId: maildropKey(kinds, table),
      salt: kinds.salt,
      digest: kinds.digest,
      fingerprint: { ...kinds.digest, nullable: true },
      refusals: kinds.integer,
      refusedSince: { ...kinds.time, name: "refused_since", nullable: true },
    },
  };
}

/** `first_run`: by what maildrops' mailboxes are known again. */
export function firstRunSchema(kinds: ColumnKinds, names: TableNames): EntitySchemaOptions<FirstRunRecord> {
  const table = names.firstRun;
  return {
    name: table,
    tableName: table,
    columns: {
      maildropId: maildropKey(kinds, table),
      digest: { ...kinds.digest, nullable: true },
      apart: kinds.flag,
    },
    indices: [{ name: `${table}_digest_ix`, columns: ["digest"] }],
  };
}

/** `standing`: when a maildrop is due, and what its server thought of the last logins. */
export function standingSchema(kinds: ColumnKinds, names: TableNames): EntitySchemaOptions<StandingRecord> {
  const table = names.standing;
  return {
    name: table,
    tableName: table,
    columns: {
      maildropId: maildropKey(kinds, table),
      notBefore: { ...kinds.time, name: "not_before_at", nullable: true },
      lastRun: { ...kinds.time, name: "last_run_at", nullable: true },
      lastSuccess: { ...kinds.time, name: "last_success_at", nullable: true },
      failures: kinds.integer,
      refusals: kinds.integer,
      loginDelayMs: { ...kinds.octets, name: "login_delay_ms" },
      pauseCode: { ...kinds.text(TEXT_LENGTH.reasonCode), name: "pause_code", nullable: true },
      pauseDigest: { ...kinds.digest, name: "pause_digest", nullable: true },
    },
    foreignKeys: [goingWithMaildrop(names, table)],
  };
}

/** `worker`: the worker processes that serve from this database. */
export function workerSchema(kinds: ColumnKinds, names: TableNames): EntitySchemaOptions<WorkerRecord> {
  const table = names.worker;
  return {
    name: table,
    tableName: table,
    columns: {
      owner: { ...kinds.exactText(255), primary: true, primaryKeyConstraintName: `${table}_pk` },
      queue: kinds.text(100),
      expiresAt: { ...kinds.time, name: "expires_at" },
    },
  };
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
