import type { MailonceError } from "@mailonce/core";
import {
  codes,
  conflict,
  contentRefused,
  duplicateKey,
  errnos,
  factsOf,
  outdated,
  SYSTEM_RULES,
  storeErrors,
  unavailable,
} from "../database/store-errors.ts";
import { SERVER_RULES } from "./server-rules.ts";

const lacksTable = errnos(1146);
const lacksColumn = errnos(1054);

/** The core's error for what mysql2 or TypeORM threw. Numbers are the servers' own (ER_*), names mysql2's or the system's. */
export const mysqlError = storeErrors([
  { matches: errnos(1062, 1586), make: duplicateKey },
  { matches: errnos(1213, 1205, 1020), make: conflict },
  {
    // Packet too large, data too long, out of range, no text of this character set, no datetime, row too large.
    matches: errnos(1153, 1301, 1406, 1264, 1366, 1292, 1118),
    make: contentRefused,
  },
  ...SYSTEM_RULES,
  ...SERVER_RULES,
  {
    // Shutdown, connection killed, gone away, network errors, and whatever mysql2 calls fatal.
    matches: (facts) =>
      facts.fatal ||
      errnos(1053, 1152, 1158, 1159, 1160, 1161, 1927, 2006, 2013, 4031)(facts) ||
      codes("ECONNRESET", "EPIPE", "PROTOCOL_CONNECTION_LOST")(facts),
    make: unavailable("broke the connection; whether the last change took effect is not known."),
  },
  { matches: (facts) => lacksTable(facts) || lacksColumn(facts), make: outdated },
]);

/** Whether a statement failed because a table does not exist. */
export function isMissingTable(error: unknown): boolean {
  return lacksTable(factsOf(error));
}

/** Whether the core's error is there because this user, or nobody on this server, may lock and write. */
export function isReadOnly(error: unknown): boolean {
  return errnos(1142, 1143, 1227, 1290, 1792, 1836)(factsOf((error as MailonceError).cause));
}
