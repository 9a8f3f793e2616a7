// The textbook recipe: all known unique-ids in one query into a hash set, compared with UIDL.
// node textbook.mjs PORT USER, the ledger in BENCH_DATABASE and BENCH_MAILDROP. Prints the number of new messages.
import { createConnection } from "mysql2/promise";
import Pop3Command from "node-pop3";

const [port, user = ""] = process.argv.slice(2);
const connection = await createConnection(process.env["BENCH_DATABASE"] ?? "");
const [rows] = await connection.query(
  `SELECT CONVERT(e.identity USING latin1) AS unique_id FROM mailonce_ledger_entry e
   JOIN mailonce_maildrop d ON d.id = e.maildrop_id WHERE d.name = ?`,
  [process.env["BENCH_MAILDROP"]],
);
const known = new Set(Array.isArray(rows) ? rows.map((row) => Reflect.get(row, "unique_id")) : []);
const pop3 = new Pop3Command({ host: "127.0.0.1", port: Number(port), user, password: "secret" });
const listing = await pop3.UIDL();
console.log(listing.filter(([, uniqueId]) => !known.has(uniqueId)).length);
await pop3.QUIT();
await connection.end();
