import type { Logger } from "typeorm";

/** TypeORM writes a failed migration to standard output, whatever `logging` says; the error is thrown besides. */
export const SILENT_LOGGER: Logger = {
  logQuery: () => {},
  logQueryError: () => {},
  logQuerySlow: () => {},
  logSchemaBuild: () => {},
  logMigration: () => {},
  log: () => {},
};
