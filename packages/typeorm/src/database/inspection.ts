import type { SchemaReport } from "../migrations/schema-report.ts";

/** What a database is, and how far its tables are. */
export interface StoreInspection {
  /** For people: which database, and where; without password. */
  readonly place: string;
  readonly schema: SchemaReport;
  /** Null: it is an SQLite file. */
  readonly server: ServerInspection | null;
}

/** What a server is like, and what its user may do. */
export interface ServerInspection {
  /** What it calls itself, such as `mariadb`. */
  readonly product: string;
  /** Such as `10.11.6`. */
  readonly version: string;
  /** True if its makers have given it up, and nobody tries it here any more. */
  readonly isOld: boolean;
  /** True if the connection does not leave this machine. */
  readonly isLoopback: boolean;
  /** Null: it is not encrypted. */
  readonly encryption: ServerEncryption | null;
  readonly isReadOnly: boolean;
  /** What the user may not do, of what a fetch needs (and migrations, where some are due); null if it cannot be told. */
  readonly lacking: readonly string[] | null;
}

/** How the connection is encrypted. */
export interface ServerEncryption {
  readonly protocol: string;
  readonly cipher: string;
  /** What was looked at of the certificate: all of it, its authority alone, or nothing. */
  readonly verified: "host" | "authority" | "nothing";
}
