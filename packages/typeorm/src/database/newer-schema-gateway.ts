import { MailonceError } from "@mailonce/core";
import { newerError } from "../migrations/schema-report.ts";
import type { Gateway } from "./gateway.ts";

/**
 * For who only reads a database that a later version has made or changed: what this version knows of it is read as far as
 * it is still there, and nothing is written, because this version does not know what else belongs to a row.
 */
export function newerSchemaGateway(gateway: Gateway): Gateway {
  const { dialect, place } = gateway;
  const refuse = (): Promise<never> => Promise.reject(newerError(place));
  return {
    dialect,
    place,
    read: (work) =>
      gateway.read(async (statements) => {
        try {
          return await work(statements);
        } catch (error) {
          // A table or column that this version looks for is gone.
          const isGone = error instanceof MailonceError && error.code === "store-outdated";
          throw isGone ? newerError(place) : error;
        }
      }),
    transaction: refuse,
    change: refuse,
    close: () => gateway.close(),
  };
}
