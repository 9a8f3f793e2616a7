import { detectNew } from "@mailonce/core";
import { connect } from "@mailonce/pop3";
import { FileSpool, fetchAccount, openDatabase } from "@mailonce/runtime";
import { accountOf, parseAccountUrl } from "@mailonce/runtime/config";

const env = process.env;
const port = Number(env["POP3_PORT"]);
const password = env["MAILONCE_PASSWORD"] ?? "";

await using client = await connect({ host: "127.0.0.1", port, security: "plain" });
await client.login({ user: "alice", password }, { mechanisms: ["USER"] });
const listing = [];
for await (const { messageNumber, uniqueId } of client.uidl()) listing.push({ messageNumber, uniqueId });
await client.quit();
const fresh = detectNew(listing, []);

await using store = await openDatabase(env["DATABASE"] ?? "", env);
await using spool = new FileSpool();
const account = accountOf(parseAccountUrl(`pop3://alice@127.0.0.1:${port}?tls=none`));
const stored: number[] = [];
for (let time = 0; time < 2; time++) {
  const run = fetchAccount({ account, credentials: { user: account.user, password }, store, spool });
  for await (const _outcome of run);
  if (run.report.error !== null) throw new Error(run.report.error.message);
  stored.push(run.report.counts.stored);
}
console.log(
  `${listing.length} listed, ${fresh.fresh.length} new, ${stored[0]} stored, ${stored[1]} stored again`,
);
