import { EntitySchema, type EntitySchemaOptions } from "typeorm";
import type { ColumnKinds } from "./columns.ts";
import { ledgerEntrySchema, maildropSchema } from "./ledger-schemas.ts";
import { messageChunkSchema, messageSchema, outboxSchema } from "./message-schemas.ts";
import type {
  AccountRecord,
  AddressRecord,
  FirstRunRecord,
  LedgerEntryRecord,
  LoginRecord,
  MaildropRecord,
  MessageChunkRecord,
  MessageRecord,
  OutboxRecord,
  StandingRecord,
  WorkerRecord,
} from "./records.ts";
import {
  accountSchema,
  addressSchema,
  firstRunSchema,
  loginSchema,
  standingSchema,
  workerSchema,
} from "./service-schemas.ts";
import type { TableNames } from "./table-names.ts";
import { type OAuth2TokenRecord, oauth2TokenSchema } from "./token-schema.ts";

/** The store's tables as TypeORM entities. */
export interface MailonceEntities {
  readonly maildrop: EntitySchema<MaildropRecord>;
  readonly ledgerEntry: EntitySchema<LedgerEntryRecord>;
  readonly message: EntitySchema<MessageRecord>;
  readonly messageChunk: EntitySchema<MessageChunkRecord>;
  readonly outbox: EntitySchema<OutboxRecord>;
  readonly account: EntitySchema<AccountRecord>;
  readonly standing: EntitySchema<StandingRecord>;
  readonly address: EntitySchema<AddressRecord>;
  readonly login: EntitySchema<LoginRecord>;
  readonly firstRun: EntitySchema<FirstRunRecord>;
  readonly worker: EntitySchema<WorkerRecord>;
  readonly oauth2Token: EntitySchema<OAuth2TokenRecord>;
}

/** The entities with a dialect's columns. They are named like their tables. */
export function entitiesOf(kinds: ColumnKinds, names: TableNames): MailonceEntities {
  const entity = <T>(options: EntitySchemaOptions<T>): EntitySchema<T> => new EntitySchema<T>(options);
  return {
    maildrop: entity(maildropSchema(kinds, names)),
    ledgerEntry: entity(ledgerEntrySchema(kinds, names)),
    message: entity(messageSchema(kinds, names)),
    messageChunk: entity(messageChunkSchema(kinds, names)),
    outbox: entity(outboxSchema(kinds, names)),
    account: entity(accountSchema(kinds, names)),
    standing: entity(standingSchema(kinds, names)),
    address: entity(addressSchema(kinds, names)),
    login: entity(loginSchema(kinds, names)),
    firstRun: entity(firstRunSchema(kinds, names)),
    worker: entity(workerSchema(kinds, names)),
    oauth2Token: entity(oauth2TokenSchema(kinds, names)),
  };
}
