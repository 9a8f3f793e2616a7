// What Node takes to move mail from a socket into a database and nothing else: node bare.mjs PORT USER MESSAGES
// Everything is pipelined, nothing is checked, no ledger is kept; batches of 200 messages or 8 MB, a transaction each, in
// one prepared statement of many rows. With BENCH_DATABASE into that MariaDB, with BENCH_SQLITE into that file.
import { connect } from "node:net";

// Computed, so that types can be checked before anything is built.
const built = new URL("../../packages/typeorm/dist/sqlite/sqlite-module.js", import.meta.url).href;
const { sqliteModule } = await import(built);

const BATCH = 200;
const BATCH_OCTETS = 8e6;
const [port, user = "", count] = process.argv.slice(2);
const store = process.env["BENCH_SQLITE"] === undefined ? await mariadb() : sqlite();
const messages = Number(count);
const retr = Array.from({ length: messages }, (_, index) => `RETR ${index + 1}\r\n`).join("");
const socket = connect(Number(port), "127.0.0.1");
socket.write(`USER ${user}\r\nPASS secret\r\n${retr}QUIT\r\n`);

const TERMINATOR = Buffer.from("\r\n.\r\n");
/** The greeting and the replies to USER and PASS. */
let lines = 3;
let fetched = 0;
let rest = Buffer.alloc(0);
/** @type {Buffer[]} */
const batch = [];
let octets = 0;
for await (const chunk of socket) {
  rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
  for (; lines > 0; lines--) {
    const end = rest.indexOf("\n");
    if (end < 0) break;
    rest = rest.subarray(end + 1);
  }
  if (lines > 0) continue;
  let from = 0;
  for (; fetched < messages; fetched++) {
    const end = rest.indexOf(TERMINATOR, from);
    if (end < 0) break;
    const mail = unstuffed(rest.subarray(rest.indexOf("\n", from) + 1, end + 2));
    batch.push(mail);
    octets += mail.length;
    from = end + TERMINATOR.length;
    if (batch.length < BATCH && octets < BATCH_OCTETS) continue;
    await store.add(batch.splice(0));
    octets = 0;
  }
  rest = rest.subarray(from);
}
await store.add(batch);
await store.close();
console.log(fetched);

/** @param {Buffer} mail */
function unstuffed(mail) {
  if (!mail.includes("\r\n..")) return mail;
  return Buffer.from(mail.toString("latin1").replaceAll("\r\n..", "\r\n."), "latin1");
}

/** One batch is written while the next one arrives. */
async function mariadb() {
  const { createConnection } = await import("mysql2/promise");
  const connection = await createConnection(process.env["BENCH_DATABASE"] ?? "");
  await connection.query("CREATE TABLE bare (number INT PRIMARY KEY, content LONGBLOB NOT NULL)");
  let number = 0;
  let writing = Promise.resolve();
  /** @param {readonly Buffer[]} mails */
  async function write(mails) {
    await connection.beginTransaction();
    const rows = mails.map(() => "(?, ?)").join();
    const values = mails.flatMap((mail) => [++number, mail]);
    await connection.execute(`INSERT INTO bare VALUES ${rows}`, values);
    await connection.commit();
  }
  return {
    /** @param {readonly Buffer[]} mails */
    async add(mails) {
      await writing;
      if (mails.length > 0) writing = write(mails);
    },
    async close() {
      await writing;
      await connection.end();
    },
  };
}

function sqlite() {
  const { DatabaseSync } = sqliteModule();
  const database = new DatabaseSync(process.env["BENCH_SQLITE"] ?? "");
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  database.exec("CREATE TABLE bare (number INT PRIMARY KEY, content BLOB NOT NULL)");
  const insert = database.prepare("INSERT INTO bare VALUES (?, ?)");
  let number = 0;
  return {
    /** @param {readonly Buffer[]} mails */
    async add(mails) {
      database.exec("BEGIN");
      for (const mail of mails) insert.run(++number, mail);
      database.exec("COMMIT");
    },
    async close() {
      database.close();
    },
  };
}
