import type { EntitySchemaColumnOptions, ValueTransformer } from "typeorm";
import { octetsToUuid, uuidToOctets } from "../values/uuid-octets.ts";

/** A column's options; `name` and `nullable` are given where the column is declared. */
type Options = EntitySchemaColumnOptions;

/** The kinds of columns that the tables are made of, as a dialect has them. */
export interface ColumnKinds {
  /** 32 octets of SHA-256. */
  readonly digest: Options;
  /** The first 16 octets of SHA-256. */
  readonly shortDigest: Options;
  /** 16 random octets. */
  readonly salt: Options;
  /** A UUID: 16 octets in the table, text in the entity. */
  readonly uuid: Options;
  /** Up to 255 octets that are compared exactly. */
  readonly key: Options;
  /** Up to 16 MiB of octets. */
  readonly content: Options;
  /** Text that is compared exactly. */
  exactText(octets: number): Options;
  text(length: number): Options;
  /** Up to 16 MiB of text. */
  readonly longText: Options;
  /** Text whose case and accents are compared exactly, and which is a text to whoever looks at the table. */
  plainText(length: number): Options;
  readonly integer: Options;
  /** A number of octets, which may need more than 32 bits; a number in the entity. */
  readonly octets: Options;
  readonly flag: Options;
  /** A time in UTC, to the millisecond. */
  readonly time: Options;
}

/** A `Uint8Array` in the entity. */
export const OCTETS: ValueTransformer = {
  to: (octets: Uint8Array | null | undefined) => octets && Buffer.from(octets),
  from: (octets: Uint8Array | null | undefined) => octets && Uint8Array.from(octets),
};

/** A UUID's text in the entity. */
export const UUID: ValueTransformer = {
  to: (uuid: string | null | undefined) => uuid && uuidToOctets(uuid),
  from: (octets: Uint8Array | null | undefined) => octets && octetsToUuid(octets),
};

/** Text in the entity, octets in the table. */
export const UTF8: ValueTransformer = {
  to: (text: string | null | undefined) => (typeof text === "string" ? Buffer.from(text) : text),
  from: (octets: Uint8Array | null | undefined) => octets && Buffer.from(octets).toString(),
};

/** A number in the entity, whatever the driver makes of a bigint. */
export const NUMBER: ValueTransformer = {
  to: (value: number | null | undefined) => value,
  from: (value: number | string | null | undefined) => (typeof value === "string" ? Number(value) : value),
};
