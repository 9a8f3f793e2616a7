import { openStore } from "@mailonce/typeorm";
import * as sqlite from "@photostructure/sqlite";

// A program that opens its file with a library of its own. On Node 20 it is the store's library, too.
const url = process.env["DATABASE"] ?? "";
const database = new sqlite.DatabaseSync(url.replace("sqlite:", ""));
database.exec("PRAGMA journal_mode = WAL; CREATE TABLE mine (id INTEGER PRIMARY KEY)");

const withoutDriver = await openStore({ url }).then(
  async (store) => {
    await store[Symbol.asyncDispose]();
    return "opened";
  },
  (error: { readonly code?: string }) => error.code,
);

{
  await using store = await openStore({ url, driver: sqlite });
  for (let n = 0; n < 20; n++) {
    database.exec("INSERT INTO mine DEFAULT VALUES");
    await store.openMaildrop(`maildrop ${n}`);
  }
}
const [{ check, rows } = {}] = database
  .prepare(
    "SELECT (SELECT COUNT(*) FROM mine) AS rows, integrity_check AS 'check' FROM pragma_integrity_check",
  )
  .all() as { readonly check?: string; readonly rows?: number }[];
console.log(`${withoutDriver}; with the program's library: ${rows} rows, ${check}`);
