import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { openDatabase } from "@mailonce/runtime";
import { type MariaDbAccess, type MySql, temporaryFolder } from "@mailonce/testkit";

/** A database for one crash. */
export interface CrashDatabase extends AsyncDisposable {
  readonly kind: DatabaseKind;
  /** For `--database`; holds the password. */
  readonly url: string;
}

export type DatabaseKind = "sqlite" | "mariadb" | "mysql";

/** What a message must have in its subject to be refused by {@link refuseMarked}. */
export const MARK = "unstorable";

/** An SQLite file that does not exist yet, in a folder of its own. */
export function sqliteFile(): CrashDatabase & { readonly file: string } {
  const folder = temporaryFolder("mailonce-crash-");
  const file = join(folder.path, "mail.sqlite");
  return { kind: "sqlite", url: `sqlite:${file}`, file, [Symbol.asyncDispose]: () => folder.remove() };
}

/** An empty database on a MariaDB; dropped at the end. */
export async function mariaDatabase(server: MariaDbAccess): Promise<CrashDatabase> {
  const { mariadbUrl, name } = await server.createDatabase();
  return {
    kind: "mariadb",
    url: mariadbUrl,
    // A killed client's transaction may still hold it for a moment: the server waits for that by itself.
    [Symbol.asyncDispose]: async () => {
      await server.sql(`DROP DATABASE ${name}; DROP USER '${name}'@'127.0.0.1'`);
    },
  };
}

/** An empty database on a MySQL; dropped at the end. */
export async function mySqlDatabase(server: MySql): Promise<CrashDatabase> {
  const name = `crash_${uniqueName()}`;
  await query(server.url, `CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  return {
    kind: "mysql",
    url: server.url.replace(/[^/]+$/, name),
    [Symbol.asyncDispose]: () => query(server.url, `DROP DATABASE ${name}`),
  };
}

/** Makes the tables, and has the database refuse messages with {@link MARK} in their subject. */
export async function refuseMarked({ kind, url }: CrashDatabase): Promise<void> {
  const condition = `NEW.subject LIKE '%${MARK}%'`;
  await query(
    url,
    kind === "sqlite"
      ? `CREATE TRIGGER refuse BEFORE INSERT ON mailonce_message WHEN ${condition}
         BEGIN SELECT RAISE(ABORT, 'refused by the test'); END`
      : `CREATE TRIGGER refuse BEFORE INSERT ON mailonce_message FOR EACH ROW
         IF ${condition} THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'refused by the test'; END IF`,
  );
}

/** The database takes everything again, and every deferred message is due at once. */
export async function refuseNothing({ url }: CrashDatabase): Promise<void> {
  await query(url, "DROP TRIGGER refuse");
  await makeAllDue(url);
}

/** As if the time of every deferred message had come. */
export async function makeAllDue(url: string): Promise<void> {
  await query(
    url,
    "UPDATE mailonce_ledger_entry SET due_at = '2020-01-01 00:00:00.000' WHERE due_at IS NOT NULL",
  );
}

async function query(url: string, sql: string): Promise<void> {
  await using store = await openDatabase(url, {});
  await store.dataSource.query(sql);
}

/** A name that no other test uses. */
export function uniqueName(): string {
  return randomBytes(6).toString("hex");
}
