// The loop that a user of node-pop3 would write: node node-pop3.mjs PORT USER LIMIT KNOWN
// KNOWN is a file with a line for each unique-id that was fetched before, or "-". With BENCH_DATABASE each message
// goes into a table of that MariaDB, else nowhere.
import Pop3Command from "node-pop3";
import { openInbox } from "./inbox.mjs";

const [port, user = "", limit, knownFile = "-"] = process.argv.slice(2);
const inbox = await openInbox(knownFile);
const pop3 = new Pop3Command({ host: "127.0.0.1", port: Number(port), user, password: "secret" });
let fetched = 0;
for (const [number = "", uniqueId = ""] of await pop3.UIDL()) {
  if (inbox.knows(uniqueId)) continue;
  if (fetched === Number(limit)) break;
  await inbox.store(uniqueId, await pop3.RETR(Number(number)));
  fetched += 1;
}
await pop3.QUIT();
await inbox.close();
console.log(fetched);
