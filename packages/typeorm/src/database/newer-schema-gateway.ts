import type { MailonceError } from "@mailonce/core";
import { newerError } from "../migrations/schema-report.ts";
import type { Dialect } from "./dialect.ts";
import type { Gateway, Statements } from "./gateway.ts";

/**
 * For who only reads a database that a later version has made or changed: what this version knows of it is read as far as
 * it is still there, and nothing is written, for nobody knows here what else belongs to a row.
 */
export class NewerSchemaGateway implements Gateway {
  readonly dialect: Dialect;
  readonly place: string;
  readonly #gateway: Gateway;

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
    this.dialect = gateway.dialect;
    this.place = gateway.place;
  }

  read<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    return this.#gateway.read(async (statements) => {
      try {
        return await work(statements);
      } catch (error) {
        // A table or column that this version looks for is gone.
        throw (error as MailonceError).code === "store-outdated" ? newerError(this.place) : error;
      }
    });
  }

  transaction<T>(): Promise<T> {
    return Promise.reject(newerError(this.place));
  }

  change(): Promise<number> {
    return Promise.reject(newerError(this.place));
  }

  close(): Promise<void> {
    return this.#gateway.close();
  }
}
