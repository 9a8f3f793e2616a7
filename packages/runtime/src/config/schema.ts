import { CriteriaSyntaxError, compileCriteria } from "@mailonce/core";
// Not from the package's root, which loads TypeORM: that takes longer than all the rest.
import { DatabaseUrlError, parseDatabaseUrl } from "@mailonce/typeorm/database-url";
import { z } from "zod";
import { accountName } from "../account/account-name.ts";
import { cipherFault, TLS_VERSIONS } from "../account/account-url.ts";
import { isMaildropName, MAILDROP_NAME_FORM } from "../account/maildrop-name.ts";
import type { ProfileName } from "../account/settings.ts";
import { FailureError } from "../failure/failure-error.ts";
import { parseProxyUrl } from "../proxy/proxy-url.ts";
import { FieldError } from "../text/field-error.ts";
import {
  accountUrl,
  duration,
  field,
  integer,
  mapping,
  octets,
  oneOf,
  path,
  pins,
  text,
  truth,
} from "./fields.ts";
import { hookSchema, readHookName } from "./hook-schema.ts";
import { oauth2 } from "./oauth2-schema.ts";
import { schedule } from "./schedule-field.ts";
import { secret } from "./secret-schema.ts";
import { workerSchema } from "./worker-schema.ts";

const MECHANISMS = [
  "SCRAM-SHA-256-PLUS",
  "SCRAM-SHA-1-PLUS",
  "SCRAM-SHA-256",
  "SCRAM-SHA-1",
  "CRAM-MD5",
  "APOP",
  "USER",
  "PLAIN",
  "LOGIN",
  "OAUTHBEARER",
  "XOAUTH2",
] as const;

const PROFILES: readonly ProfileName[] = ["generic", "gmail", "microsoft365", "yahoo", "gmx", "ovh"];

/** A field that an account may set to `none` where the defaults have a value. */
function orNone<T>(description: string, read: z.ZodType<T>) {
  return z.union([z.literal("none"), read]).meta({ description });
}

/** What may stand in `defaults` and in an account. */
const accountFields = {
  password: secret("Where the password is kept.").optional(),
  oauth2: oauth2.optional(),
  mechanisms: z
    .array(oneOf("A SASL mechanism, APOP, or USER for USER and PASS.", MECHANISMS))
    .min(1)
    .meta({ description: "Log in by these only, in this order." })
    .optional(),
  ca: path(
    "A PEM file of certificates, authorities' or the server's own, that are trusted besides Node's own list.",
  ).optional(),
  tls: mapping({
    minVersion: oneOf(
      "The oldest version of TLS (default TLSv1.2). Older ones can be broken on the way, and the password read.",
      TLS_VERSIONS,
    ).optional(),
    ciphers: field(
      "OpenSSL's list of ciphers, such as DEFAULT@SECLEVEL=0. Weak ones can be broken on the way.",
      { type: "string", minLength: 1, examples: ["DEFAULT@SECLEVEL=0"] },
      readCiphers,
    ).optional(),
  })
    .meta({
      description: "What is allowed to a server whose TLS is out of date. The line is less safe then.",
    })
    .optional(),
  trust: pins(
    "SHA-256 of the server's certificate (DER), or several: one that is shown is trusted, whoever signed it, and no other.",
  ).optional(),
  pins: mapping({
    certificate: pins("SHA-256 of the server's certificate (DER).").optional(),
    publicKey: pins("SHA-256 of its public key (SubjectPublicKeyInfo, DER).").optional(),
  })
    .meta({ description: "The server's certificate must match one of these, and be trusted besides." })
    .optional(),
  proxy: orNone(
    "Connect through a proxy; none: not through the default one.",
    field(
      "A SOCKS5 or HTTP CONNECT proxy.",
      { type: "string", pattern: "^(none$|socks5h?://|http://)" },
      readProxy,
    ),
  ).optional(),
  where: field(
    "Only messages that match, in the language of --where.",
    { type: "string", minLength: 1, examples: ["subject:invoice* AND NOT from:*@example.org"] },
    readWhere,
  ).optional(),
  limit: orNone(
    "At most so many new messages a run; none: all.",
    integer("A number.", 1, 1_000_000_000),
  ).optional(),
  maxOctets: octets("Larger messages are deferred (default 100M).").optional(),
  timeouts: mapping({
    connect: duration("To connect, and again for TLS (default 30s).").optional(),
    reply: duration("Until a reply begins (default 2m).").optional(),
    idle: duration("Silence in the middle of a reply (default 1m).").optional(),
  })
    .meta({ description: "How long the server is waited for." })
    .optional(),
  pipelining: truth(
    "false: one command at a time; true: several, unoffered; left out: as the server says.",
  ).optional(),
  profile: oneOf("Habits of a provider.", PROFILES).optional(),
  schedule: schedule(
    "When the worker fetches: an interval from the end of a run, or a cron expression.",
  ).optional(),
  hooks: z
    .record(field("A name.", { type: "string" }, readHookName), hookSchema)
    .meta({ description: "Who is told of new mail, by name." })
    .optional(),
} as const;

/** An account as a file has it. */
export const accountSchema = mapping({
  url: accountUrl("pop3s://USER@HOST (TLS), or pop3://USER@HOST (STLS; plaintext with ?tls=none)."),
  maildrop: field(
    "The maildrop's name in the database (default: the account's name).",
    { type: "string", minLength: 1 },
    (value) => {
      if (isMaildropName(value)) return value;
      throw new FieldError(`must be ${MAILDROP_NAME_FORM}; put it in quotes`);
    },
  ).optional(),
  ...accountFields,
  apart: truth("true: the same mailbox may be fetched into another maildrop, too.").optional(),
});

/** What an accounts file may say. */
export const fileSchema = mapping({
  $schema: text("The schema that editors check this file against.").optional(),
  database: field(
    "Where the mail goes: sqlite:FILE, mysql://USER@HOST/DB or mariadb://USER@HOST/DB; with ?tls=verify over TLS.",
    { type: "string", pattern: "^(sqlite|mysql|mariadb):" },
    readDatabase,
  ).optional(),
  tokenKey: secret("The key under which refresh tokens are kept in the database.").optional(),
  concurrency: integer("Accounts at the same time (default 4).", 1, 1000).optional(),
  content: orNone(
    "What is made of what is in the mail, to be searched and read with SQL; none: nothing.",
    mapping({
      text: truth("false: texts are not kept, and not found by a search (default true).").optional(),
      html: truth("true: the source of HTML is kept, too (default false).").optional(),
      attachments: oneOf(
        "metadata: what is known of attachments (default); stored: their decoded octets, too.",
        ["metadata", "stored"],
      ).optional(),
    }),
  ).optional(),
  defaults: mapping(accountFields)
    .meta({ description: "What holds for every account that does not say otherwise." })
    .optional(),
  accounts: z
    .record(field("The account's name.", { type: "string" }, accountName), accountSchema)
    .refine((accounts) => Object.keys(accounts).length > 0, {
      message: "is empty: give at least one account",
    })
    .meta({ description: "The accounts, by name.", minProperties: 1 }),
  worker: workerSchema.meta({ description: "What concerns mailonce-worker alone." }).optional(),
});

/** A file as the schema has read it. */
export type FileContent = z.output<typeof fileSchema>;
/** What the defaults say. */
export type AccountFields = NonNullable<FileContent["defaults"]>;
/** One account as the schema has read it. */
export type AccountContent = FileContent["accounts"][string];

function readDatabase(value: unknown): string {
  const form = "must be sqlite:FILE, mysql://USER@HOST/DATABASE or mariadb://USER@HOST/DATABASE";
  if (typeof value !== "string" || !/^(?:sqlite:.|(?:mysql|mariadb):\/\/.)/i.test(value))
    throw new FieldError(form);
  try {
    parseDatabaseUrl(value);
    return value;
  } catch (error) {
    // Its message repeats nothing of the URL.
    if (error instanceof DatabaseUrlError)
      throw new FieldError(`cannot be used: ${error.message.replace(/\.$/, "")}`);
    throw error;
  }
}

function readProxy(value: unknown): string {
  try {
    if (typeof value !== "string")
      throw new FieldError("must be socks5://HOST[:PORT], http://HOST:PORT or none");
    parseProxyUrl(value);
    return value;
  } catch (error) {
    if (error instanceof FailureError) throw new FieldError(error.message);
    throw error;
  }
}

function readWhere(value: unknown): string {
  if (typeof value !== "string" || value.trim() === "")
    throw new FieldError("must be criteria such as subject:invoice* AND NOT from:*@example.org, in quotes");
  try {
    compileCriteria(value);
    return value;
  } catch (error) {
    if (error instanceof CriteriaSyntaxError)
      throw new FieldError(`cannot be read at its character ${error.position + 1}: ${error.message}`);
    throw error;
  }
}

function readCiphers(value: unknown): string {
  const fault = cipherFault(value);
  if (typeof value === "string" && fault === null) return value;
  throw new FieldError(fault ?? "must be a list of ciphers");
}
