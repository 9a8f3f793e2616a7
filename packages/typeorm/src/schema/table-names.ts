import { MailonceError } from "@mailonce/core";

/** What the tables' names begin with unless told otherwise. */
export const DEFAULT_TABLE_PREFIX = "mailonce_";

/** The names of the tables, prefix included; safe in SQL without quotes. */
export interface TableNames {
  readonly prefix: string;
  readonly maildrop: string;
  readonly ledgerEntry: string;
  readonly message: string;
  readonly messageChunk: string;
  readonly outbox: string;
  readonly account: string;
  readonly standing: string;
  readonly address: string;
  readonly login: string;
  readonly firstRun: string;
  readonly worker: string;
  readonly oauth2Token: string;
  readonly messageContent: string;
  readonly messagePart: string;
  readonly messageAddress: string;
  readonly messageReference: string;
  readonly attachment: string;
  readonly attachmentChunk: string;
  readonly messageAttachment: string;
  readonly contentState: string;
  readonly contentMark: string;
  readonly messageWords: string;
  readonly export: string;
  readonly exportedMessage: string;
  readonly migrations: string;
}

/**
 * @throws MailonceError (`table-prefix`) unless the prefix is empty or 1 to 20 letters, digits and `_`, the first no
 * digit: constraint names must stay within MySQL's 64 characters, and no name needs quotes.
 */
export function tableNames(prefix: string = DEFAULT_TABLE_PREFIX): TableNames {
  if (typeof prefix !== "string" || !/^(?:[A-Za-z_][A-Za-z0-9_]{0,19})?$/.test(prefix)) {
    throw new MailonceError(
      "table-prefix",
      "A table prefix is at most 20 letters, digits and underscores, and does not begin with a digit.",
    );
  }
  return {
    prefix,
    maildrop: `${prefix}maildrop`,
    ledgerEntry: `${prefix}ledger_entry`,
    message: `${prefix}message`,
    messageChunk: `${prefix}message_chunk`,
    outbox: `${prefix}outbox`,
    account: `${prefix}account`,
    standing: `${prefix}standing`,
    address: `${prefix}address`,
    login: `${prefix}login`,
    firstRun: `${prefix}first_run`,
    worker: `${prefix}worker`,
    oauth2Token: `${prefix}oauth2_token`,
    messageContent: `${prefix}message_content`,
    messagePart: `${prefix}message_part`,
    messageAddress: `${prefix}message_address`,
    messageReference: `${prefix}message_reference`,
    attachment: `${prefix}attachment`,
    attachmentChunk: `${prefix}attachment_chunk`,
    messageAttachment: `${prefix}message_attachment`,
    contentState: `${prefix}content_state`,
    contentMark: `${prefix}content_mark`,
    messageWords: `${prefix}message_words`,
    export: `${prefix}export`,
    exportedMessage: `${prefix}exported_message`,
    migrations: `${prefix}migrations`,
  };
}
