// npm run bench:worker [-- ACCOUNTS]: the scheduling of 100,000 accounts, or so many, for a simulated hour. What one
// worker takes for the runs of 200 accounts is a row of the benchmark: npm run bench -- worker
import { build, installPackages } from "../../scripts/setup.mjs";

const accounts = Number(process.argv[2] ?? 100_000);
if (!(accounts >= 1)) throw new Error("Usage: npm run bench:worker [-- ACCOUNTS]");
installPackages();
build();
const { benchScheduling } = await import("./scheduling.mjs");
await benchScheduling(accounts);
