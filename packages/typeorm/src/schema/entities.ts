import { EntitySchema, type EntitySchemaOptions } from "typeorm";
import type { ColumnKinds } from "./columns.ts";
import {
  attachmentChunkSchema,
  attachmentSchema,
  contentMarkSchema,
  contentStateSchema,
  messageAddressSchema,
  messageAttachmentSchema,
  messageContentSchema,
  messagePartSchema,
  messageReferenceSchema,
} from "./content-schemas.ts";
import { exportedMessageSchema, exportSchema } from "./export-schemas.ts";
import { ledgerEntrySchema, maildropSchema } from "./ledger-schemas.ts";
import { messageChunkSchema, messageSchema, outboxSchema } from "./message-schemas.ts";
import type { MailonceRecords } from "./records.ts";
import {
  accountSchema,
  addressSchema,
  firstRunSchema,
  loginSchema,
  oauth2TokenSchema,
  standingSchema,
  workerSchema,
} from "./service-schemas.ts";
import type { TableNames } from "./table-names.ts";

/** The store's tables as TypeORM entities. */
export type MailonceEntities = {
  readonly [Table in keyof MailonceRecords]: EntitySchema<MailonceRecords[Table]>;
};

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
    messageContent: entity(messageContentSchema(kinds, names)),
    messagePart: entity(messagePartSchema(kinds, names)),
    messageAddress: entity(messageAddressSchema(kinds, names)),
    messageReference: entity(messageReferenceSchema(kinds, names)),
    attachment: entity(attachmentSchema(kinds, names)),
    attachmentChunk: entity(attachmentChunkSchema(kinds, names)),
    messageAttachment: entity(messageAttachmentSchema(kinds, names)),
    contentState: entity(contentStateSchema(kinds, names)),
    contentMark: entity(contentMarkSchema(kinds, names)),
    export: entity(exportSchema(kinds, names)),
    exportedMessage: entity(exportedMessageSchema(kinds, names)),
  };
}
