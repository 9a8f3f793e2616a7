import { expect, test } from "vitest";
import { accountOf, parseAccountUrl } from "../../src/account/account-url.ts";
import { bareAccount } from "../../src/config/defaults.ts";
import { NEVER_RUN } from "../../src/schedule/account-health.ts";
import type { RunEnd } from "../../src/service/observers.ts";
import { PauseWatch } from "../../src/service/pause-watch.ts";

const refused = { code: "login-refused", reason: "refused", login: null } as const;
const byHand = { code: "by-hand", reason: "paused by hand", login: null } as const;
type Pauses = Readonly<Record<string, typeof refused | typeof byHand>>;

/** A watch over a database whose pauses the test sets, and what the watch has told. */
function watched(initial: Pauses = {}) {
  const database = { pauses: initial, read: async (): Promise<void> => {} };
  const told: string[] = [];
  const watch = new PauseWatch({
    standings: {
      paused: async () => {
        const pauses = new Map(Object.entries(database.pauses));
        await database.read();
        return pauses;
      },
    },
    isServed: (maildrop) => !maildrop.startsWith("other"),
    onPaused: (maildrop, { code }) => told.push(`${maildrop} ${code}`),
    onResumed: (maildrop) => told.push(`${maildrop} goes on`),
  });
  return { database, watch, told };
}

const settings = (name: string) => {
  const account = accountOf(parseAccountUrl(`pop3s://${name}@pop.example.org`));
  return bareAccount({ ...account, maildrop: name });
};
const ended = { health: { ...NEVER_RUN, pause: refused } } as unknown as RunEnd;

test("a pause that somebody else made is told once, and that it is over, too", async () => {
  const { database, watch, told } = watched({ ann: byHand, other: byHand });
  await watch.look();
  await watch.look();
  expect([told, watch.paused]).toEqual([["ann by-hand"], ["ann"]]);
  database.pauses = {};
  await watch.look();
  expect([told, watch.paused]).toEqual([["ann by-hand", "ann goes on"], []]);
});

test("what this worker's own runs did is not told again", async () => {
  const { database, watch, told } = watched();
  watch.ended(settings("ann"), ended);
  database.pauses = { ann: refused };
  await watch.look();
  expect([told, watch.paused]).toEqual([[], ["ann"]]);
  watch.resumed(settings("ann"));
  database.pauses = {};
  await watch.look();
  expect([told, watch.paused]).toEqual([[], []]);
});

test("a run that ends while the database is read counts more than what was read before", async () => {
  const { database, watch, told } = watched();
  database.read = async () => watch.ended(settings("ann"), ended);
  await watch.look();
  expect([told, watch.paused]).toEqual([[], ["ann"]]);
});
