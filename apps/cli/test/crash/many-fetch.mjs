// One of many processes that fetch one maildrop at the same moment, without lease: standard input says when.
// node many-fetch.mjs DATABASE PORT PASSWORD MAILDROP
import process from "node:process";
import { fetchMaildrop } from "@mailonce/core";
import { InMemorySpool } from "@mailonce/core/memory";
import { openDatabase, openSession } from "@mailonce/runtime";
import { accountOf, parseAccountUrl } from "@mailonce/runtime/config";

const [database = "", port = "", password = "", maildrop = ""] = process.argv.slice(2);
const store = await openDatabase(database, {});
try {
  process.stdout.write("ready\n");
  await new Promise((resolve) => process.stdin.once("data", resolve));
  const account = accountOf(parseAccountUrl(`pop3://alice@127.0.0.1:${port}?tls=none`), maildrop);
  // Beaten to it by another too often, or told that the ledger has changed: a run ends, and the next one begins.
  for (let runs = 1; ; runs++) {
    const session = await openSession(account, { credentials: { user: account.user, password } });
    try {
      const run = fetchMaildrop({ session, store, maildrop, spool: new InMemorySpool() });
      for await (const _ of run);
      process.stdout.write(`${JSON.stringify({ runs, counts: run.summary.counts })}\n`);
      break;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      if (runs === 20 || !["guard-failed", "transaction-conflict"].includes(code)) throw error;
    } finally {
      session.close();
    }
  }
} finally {
  await store[Symbol.asyncDispose]();
}
process.stdin.destroy();
