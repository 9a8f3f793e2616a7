// npm run bench:worker [-- ACCOUNTS [REPEATS]]: one worker process, 200 accounts with one new message each on Dovecot,
// into SQLite and MariaDB, against the same logins and retrievals done raw with as many connections at a time; then the
// scheduling of 100,000 accounts for a simulated hour.
import { ensureDebianPackages } from "../../scripts/debian.mjs";
import { build, installPackages } from "../../scripts/setup.mjs";

const accounts = Number(process.argv[2] ?? 200);
const repeats = Number(process.argv[3] ?? 3);
installPackages();
build();
ensureDebianPackages(["dovecot-pop3d", "mariadb-server", "mariadb-client"]);
const { benchAccounts } = await import("./accounts.mjs");
const { benchScheduling } = await import("./scheduling.mjs");
await benchAccounts(accounts, repeats);
await benchScheduling(100_000);
