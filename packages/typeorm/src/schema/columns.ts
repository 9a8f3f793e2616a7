import type { EntitySchemaColumnOptions, ValueTransformer } from "typeorm";
import type { Dialect } from "../database/dialect.ts";
import { octetsToUuid, uuidToOctets } from "../values/uuid-octets.ts";

/** A column's options; `name` and `nullable` are given at the place of use. */
type Options = EntitySchemaColumnOptions;

/** The kinds of columns that the tables are made of, in one dialect. */
export interface ColumnKinds {
  /** 32 octets of SHA-256. */
  readonly digest: Options;
  /** 16 octets of chance. */
  readonly salt: Options;
  /** A UUID: 16 octets in the table, text in the entity. */
  readonly uuid: Options;
  /** Octets that are compared exactly. */
  readonly key: Options;
  /** Up to 16 MiB of octets. */
  readonly content: Options;
  /** Text that is compared exactly, so octets on MySQL, where text ignores case and trailing spaces. */
  exactText(octets: number): Options;
  text(length: number): Options;
  readonly integer: Options;
  /** A number of octets; beyond 32 bits, a number in the entity. */
  readonly octets: Options;
  readonly flag: Options;
  /** Milliseconds, UTC. */
  readonly time: Options;
}

/** The kinds of columns of a dialect. */
export function columnKinds(dialect: Dialect): ColumnKinds {
  const onServer = dialect !== "sqlite";
  return {
    digest: { type: onServer ? "binary" : "blob", ...length(onServer, 32), transformer: OCTETS },
    salt: { type: onServer ? "binary" : "blob", ...length(onServer, 16), transformer: OCTETS },
    uuid: { type: onServer ? "binary" : "blob", ...length(onServer, 16), transformer: UUID },
    key: { type: onServer ? "varbinary" : "blob", ...length(onServer, 255), transformer: OCTETS },
    content: { type: onServer ? "mediumblob" : "blob", transformer: OCTETS },
    exactText: (octets) =>
      onServer
        ? { type: "varbinary", length: octets, transformer: UTF8 }
        : { type: "varchar", length: octets },
    text: (points) => ({ type: "varchar", length: points }),
    integer: { type: onServer ? "int" : "integer" },
    octets: { type: "bigint", transformer: NUMBER },
    flag: { type: "boolean" },
    time: onServer ? { type: "datetime", precision: 3 } : { type: "datetime" },
  };
}

function length(onServer: boolean, octets: number): { length?: number } {
  return onServer ? { length: octets } : {};
}

const OCTETS: ValueTransformer = {
  to: (octets: Uint8Array | null | undefined) => octets && Buffer.from(octets),
  from: (octets: Uint8Array | null | undefined) => octets && Uint8Array.from(octets),
};

const UUID: ValueTransformer = {
  to: (uuid: string | null | undefined) => uuid && uuidToOctets(uuid),
  from: (octets: Uint8Array | null | undefined) => octets && octetsToUuid(octets),
};

const UTF8: ValueTransformer = {
  to: (text: string | null | undefined) => (typeof text === "string" ? Buffer.from(text) : text),
  from: (octets: Uint8Array | null | undefined) => octets && Buffer.from(octets).toString(),
};

const NUMBER: ValueTransformer = {
  to: (value: number | null | undefined) => value,
  from: (value: number | string | null | undefined) => (typeof value === "string" ? Number(value) : value),
};
