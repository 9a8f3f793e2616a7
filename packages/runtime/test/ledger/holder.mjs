// Takes a maildrop's lease, says "held", and works on until it is told to end.
import path from "node:path";
import process from "node:process";
import { withSource } from "../../../../scripts/typescript.mjs";

const [url, maildrop, ttlMs] = process.argv.slice(2);
const folder = path.resolve(import.meta.dirname, "../..");
await withSource(folder, "/src/store/database.ts", ({ openDatabase }) =>
  withSource(folder, "/src/ledger/lease.ts", async ({ holdLease }) => {
    const store = await openDatabase(url, {});
    const lease = await holdLease(store, maildrop, { ttlMs: Number(ttlMs) });
    process.stdout.write("held\n");
    lease.signal.addEventListener("abort", () => process.stdout.write(`lost: ${lease.signal.reason.code}\n`));
    setInterval(() => {}, 60_000);
    await new Promise(() => {});
  }),
);
