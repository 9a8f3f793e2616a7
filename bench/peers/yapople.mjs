// The loop that a user of yapople would write; arguments as for node-pop3.mjs. It has no UIDL: message numbers it is.
import { Client } from "yapople";
import { openInbox } from "./inbox.mjs";

const [port, username = "", limit] = process.argv.slice(2);
const inbox = await openInbox("-");
const client = new Client({ host: "127.0.0.1", port: Number(port), username, password: "secret" });
await client.connect();
const count = Math.min(await client.count(), Number(limit));
for (let number = 1; number <= count; number += 1) {
  await inbox.store(`${number}`, String(await client.retrieve(number)));
}
await client.quit();
await inbox.close();
console.log(count);
