import { expect, test } from "vitest";
import { accountOf, parseAccountUrl } from "../../src/account/account-url.ts";
import type { AccountSettings, Configuration } from "../../src/account/settings.ts";
import { bareAccount, DEFAULT_CONFIGURATION } from "../../src/config/defaults.ts";
import { accountChanges, allAccounts } from "../../src/service/account-changes.ts";
import { heldBack } from "../../src/service/held-back.ts";

const account = (user: string, more: Partial<AccountSettings> = {}): AccountSettings => ({
  ...bareAccount(accountOf(parseAccountUrl(`pop3s://${user}@pop.example.org`))),
  ...more,
});
const named = (accounts: readonly AccountSettings[]): readonly string[] =>
  accounts.map(({ account: { user } }) => user);
const configuration = (more: Partial<Configuration> = {}): Configuration => ({
  file: "",
  database: null,
  tokenKey: null,
  concurrency: 4,
  content: null,
  worker: DEFAULT_CONFIGURATION.worker,
  accounts: [],
  ...more,
});

test("accounts that are new, that are other than before and that are gone are told apart", () => {
  const before = [account("ann"), account("ben"), account("carl")];
  const served = new Map(before.map((one) => [one.account.maildrop, one]));
  const now = [account("ann"), account("ben", { schedule: { kind: "interval", ms: 1000 } }), account("dora")];
  const { added, changed, removed } = accountChanges(served, now);
  expect([named(added), named(changed)]).toEqual([["dora"], ["ben"]]);
  expect(changed[0]?.schedule).toEqual({ kind: "interval", ms: 1000 });
  expect(removed).toEqual([before[2]?.account.maildrop]);
});

test("an account that stands in the file and in the database is the file's", async () => {
  const ann = account("ann");
  const stored = (name: string, user: string) => ({
    name,
    settings: JSON.stringify({ url: `pop3s://${user}@pop.example.org`, password: { env: "P" } }),
  });
  const { accounts, problems } = await allAccounts(configuration({ accounts: [ann] }), [
    stored(ann.account.maildrop, "other"),
    stored("ben", "ben"),
    { name: "carl", settings: '{"url":"nonsense"}' },
  ]);
  expect(named(accounts)).toEqual(["ann", "ben"]);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain("carl");
});

test("what a worker reads at its start only is told when it changes, and nothing else is", () => {
  const database = ({ database }: Configuration) => database ?? "";
  const started = configuration({ database: "sqlite:/one.sqlite" });
  expect(
    heldBack(started, configuration({ database: "sqlite:/one.sqlite", concurrency: 9 }), database),
  ).toEqual([]);
  const now = configuration({
    database: "sqlite:/two.sqlite",
    worker: { ...DEFAULT_CONFIGURATION.worker, listen: { host: "127.0.0.1", port: 8080 } },
  });
  expect(heldBack(started, now, database)).toEqual(["database", "worker.listen"]);
  // The environment may name the database, whatever the file says.
  expect(heldBack(started, now, () => "sqlite:/three.sqlite")).toEqual(["worker.listen"]);
});
