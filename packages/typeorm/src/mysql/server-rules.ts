import { StoreUnavailableError } from "@mailonce/core";
import {
  codes,
  conflict,
  type ErrorFacts,
  errnos,
  full,
  type Rule,
  unavailable,
} from "../database/store-errors.ts";
import { type ServerRefusal, ServerRefusalError } from "../server/server-refusal-error.ts";
import { CERTIFICATE_RULES } from "./certificate-rules.ts";

const refusal = (code: ServerRefusal, sentence: string) => (place: string, cause: Error) =>
  new ServerRefusalError(code, `${place} ${sentence}`, { cause });

/** What the servers' own error numbers mean (ER_*); MySQL and MariaDB share them up to about 2000, and differ beyond. */
const LOGIN_RULES: readonly Rule[] = [
  { matches: errnos(1045), make: refusal("store-refused", "refuses the login: check user and password.") },
  {
    matches: errnos(1698),
    make: refusal(
      "store-refused",
      "refuses the login: no password was given, or the account is for programs on the server's own machine alone (unix_socket, auth_socket): give it a password, and tell it in MAILONCE_DATABASE_PASSWORD.",
    ),
  },
  {
    matches: errnos(4151, 3118),
    make: refusal(
      "store-refused",
      "refuses the login: the account is locked; whoever runs the server can unlock it (ALTER USER … ACCOUNT UNLOCK).",
    ),
  },
  {
    matches: errnos(4150, 3955),
    make: refusal(
      "store-refused",
      "refuses the login: the account is blocked after too many wrong passwords; whoever runs the server can unblock it (MariaDB: FLUSH PRIVILEGES, MySQL: ALTER USER … ACCOUNT UNLOCK).",
    ),
  },
  {
    matches: errnos(1820, 1862),
    make: refusal(
      "store-refused",
      "refuses to work for the account: its password has expired; give it another one (ALTER USER … IDENTIFIED BY …).",
    ),
  },
  {
    matches: (facts) =>
      errnos(1251, 1275, 1524, 2059)(facts) ||
      codes("AUTH_SWITCH_PLUGIN_ERROR", "MYSQL_CLEAR_PASSWORD_NOT_ENABLED")(facts),
    make: (place, cause, facts) =>
      refusal(
        "store-refused",
        `wants the account to log in ${pluginOf(facts)}, which Mailonce cannot do: let it log in by a password (MariaDB: IDENTIFIED VIA mysql_native_password, MySQL: IDENTIFIED WITH caching_sha2_password).`,
      )(place, cause),
  },
  {
    matches: errnos(1130),
    make: refusal(
      "store-refused",
      "lets nobody in from this machine: its accounts say from which hosts they may be used (CREATE USER 'name'@'host').",
    ),
  },
  {
    matches: errnos(1129),
    make: refusal(
      "store-refused",
      "has locked this machine out after too many broken connections; whoever runs it can let it in again (FLUSH HOSTS).",
    ),
  },
  {
    matches: errnos(3159),
    make: refusal(
      "store-refused",
      "takes encrypted connections only: add ?tls=verify to the database's URL ('mailonce help databases').",
    ),
  },
  {
    matches: errnos(1044),
    make: refusal(
      "store-refused",
      "does not let this user into this database: check its name, and what is granted (GRANT … ON database.* TO …).",
    ),
  },
  {
    matches: errnos(1049),
    make: refusal("store-missing", "has no database of this name: create it, or check the name."),
  },
];

const BUSY_RULES: readonly Rule[] = [
  {
    matches: errnos(1040),
    make: refusal("store-busy", "has too many connections: try again later, or raise max_connections there."),
  },
  {
    matches: errnos(1203, 1226),
    make: refusal(
      "store-busy",
      "does no more for this user now: the account's limit of connections or statements is reached; try again later, or raise it (ALTER USER … WITH …).",
    ),
  },
  {
    // A cluster that voted against the transaction; it may be run again.
    matches: errnos(3100, 3101),
    make: conflict,
  },
];

const STATE_RULES: readonly Rule[] = [
  {
    matches: errnos(1142, 1143, 1227, 1370),
    make: (place, cause, { message }) => {
      const command = /^([A-Z]+(?:, ?[A-Z]+)*) command denied/.exec(message)?.[1];
      const what = command === undefined ? "" : ` (${command.toLowerCase()})`;
      return new StoreUnavailableError(
        `${place} does not grant the user what is needed here${what}: the rights to select, insert, update and delete in this database.`,
        { cause },
      );
    },
  },
  {
    matches: errnos(1290, 1792, 1836),
    make: unavailable("is read-only: nothing can be stored in it."),
  },
  {
    // Disk full, table full; and what servers say of a file that they could not write (28 is ENOSPC, 122 EDQUOT).
    matches: (facts) =>
      errnos(1021, 1114)(facts) ||
      (errnos(3, 1026, 1030)(facts) && /\b(?:error|errcode:) "?(?:28|122)\b/i.test(facts.message)),
    make: full,
  },
  { matches: errnos(3032), make: unavailable("is in offline mode: whoever runs it has closed it for now.") },
  { matches: errnos(1047), make: unavailable("is not ready: it has lost the other nodes of its cluster.") },
  {
    matches: errnos(1037, 1038, 1041, 1135),
    make: unavailable("has no memory left for this: try again later."),
  },
  {
    matches: errnos(1317, 1969, 3024),
    make: unavailable("broke off a statement: somebody ended it, or it took longer than the server allows."),
  },
  {
    matches: errnos(1115, 1267, 1273),
    make: unavailable("knows no utf8mb4: it is too old, or set up without that character set."),
  },
];

/** In this order; the first that matches. */
export const SERVER_RULES: readonly Rule[] = [
  ...CERTIFICATE_RULES,
  ...LOGIN_RULES,
  ...BUSY_RULES,
  ...STATE_RULES,
];

/** How the account is to log in; only a name that can be one is repeated. */
function pluginOf({ code, errno, message }: ErrorFacts): string {
  if (code === "MYSQL_CLEAR_PASSWORD_NOT_ENABLED")
    return "with a password in clear text (mysql_clear_password: LDAP, PAM)";
  if (errno === 1275) return "with a password in the format of before 2005";
  const name = /\bplugin '?([A-Za-z][A-Za-z0-9_]{0,63})\b/i.exec(message)?.[1];
  return name === undefined ? "in another way than by a password" : `by ${name}`;
}
