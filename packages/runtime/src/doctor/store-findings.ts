import type { StoreInspection } from "../store/store.ts";
import { bad, type Finding, look, ok } from "./finding.ts";

type Server = NonNullable<StoreInspection["server"]>;

const PRODUCT: Readonly<Record<string, string>> = { mysql: "MySQL", mariadb: "MariaDB" };

/** Whether this version can work with the tables that are there. */
export function schemaFinding(place: string, inspection: StoreInspection | null): Finding {
  switch (inspection?.schema.state) {
    case "newer":
      return bad(
        "database",
        `${place} is reached, and a later version of Mailonce has made or changed its tables`,
        "use that version: this one writes nothing into them",
        "config",
      );
    case "outdated":
      return look(
        "database",
        `${place} is reached, and its tables are an older version's`,
        "the next fetch brings them up to date; so does 'mailonce database migrate'",
      );
    default:
      return ok("database", `${place} is reached and up to date`);
  }
}

/** How the server is reached, what it is, and what its user may do; nothing of a file. */
export function storeFindings(inspection: StoreInspection | null): Finding[] {
  if (inspection === null || inspection.server === null) return [];
  const { server } = inspection;
  return [tlsFinding(server), ...ageFindings(server), ...userFindings(server)];
}

function tlsFinding({ encryption, isLoopback }: Server): Finding {
  if (encryption === null) {
    if (isLoopback) {
      return ok(
        "database-tls",
        "the line to the database is not encrypted, but it does not leave this machine",
      );
    }
    return look(
      "database-tls",
      "the line to the database is not encrypted: whoever is on the way can read the mail, and work on the password",
      "add ?tls=verify to the database's URL, with &ca=FILE where the server's authority is your own",
    );
  }
  const { protocol, cipher, verified } = encryption;
  const line = `the line to the database is encrypted: ${protocol} (${cipher})`;
  switch (verified) {
    case "host":
      return ok("database-tls", `${line}, and the server has proved who it is`);
    case "authority":
      return ok(
        "database-tls",
        `${line}, and the server's certificate comes from the authority that was given`,
      );
    case "nothing":
      return look(
        "database-tls",
        `${line}, but whoever stands in between can pose as the server: its certificate is not looked at`,
        "write tls=verify in the database's URL, with &ca=FILE where the server's authority is your own",
      );
  }
}

function ageFindings({ product, version, isOld }: Server): Finding[] {
  if (!isOld) return [];
  return [
    look(
      "database-age",
      `${PRODUCT[product] ?? product} ${version} is older than what Mailonce is tried with, and its makers mend nothing in it any more`,
      "have it brought up to date: MySQL 8.0 or later, MariaDB 10.6 or later",
    ),
  ];
}

function* userFindings({ lacking, isReadOnly }: Server): Generator<Finding> {
  if (lacking !== null && lacking.length > 0) {
    yield bad(
      "database-user",
      `the database's user may not do what a fetch needs: ${lacking.join(", ")}`,
      "whoever runs the server can grant it (GRANT … ON database.* TO …), or run 'mailonce database migrate' where only tables are to be made",
      "unavailable",
    );
  }
  if (isReadOnly) {
    yield look(
      "read-only",
      "the database server is read-only: a fetch fails, unless its user may write all the same",
      "it may be a replica: name the server that is written to",
    );
  }
}
