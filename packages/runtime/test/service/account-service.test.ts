import { InMemorySpool } from "@mailonce/core/memory";
import { startPop3Server } from "@mailonce/testkit";
import { expect, test } from "vitest";
import type { AccountSettings } from "../../src/account/settings.ts";
import { AccountService } from "../../src/service/account-service.ts";
import type { RunEnd } from "../../src/service/observers.ts";
import { account, freshStore } from "../oauth2/surroundings.ts";

test("a run that has ended is told, and the account is due again, though its address cannot be noted", async () => {
  await using server = await startPop3Server();
  server.maildrop.deliver(Buffer.from("Subject: a\r\n\r\n"));
  const store = await freshStore();
  const bare = account("work");
  const settings: AccountSettings = {
    ...bare,
    account: {
      ...bare.account,
      maildrop: "work",
      user: "alice",
      host: "127.0.0.1",
      port: server.port,
      tls: "none",
    },
    login: { kind: "password", source: { kind: "env", name: "PASSWORD" } },
    schedule: { kind: "interval", ms: 60_000 },
  };
  const ends: RunEnd[] = [];
  const service = (): AccountService => {
    const made = new AccountService({
      store,
      spool: new InMemorySpool(),
      env: { PASSWORD: server.password },
      signal: new AbortController().signal,
      observer: { ended: (_settings, end) => ends.push(end) },
    });
    made.serve(settings);
    return made;
  };
  // What a first run begins with is noted, and with it the address: nobody asks whether that is known.
  let refused = 0;
  const note = async (): Promise<void> => {
    refused++;
    throw new Error("the database is gone");
  };
  Object.defineProperty(store, "addresses", { value: { maildropsOf: async () => [], note } });
  const first = service();
  await first.run("work");
  await first.flush();
  expect(refused).toBe(0);

  const second = service();
  const due = (await second.run("work")) ?? 0;
  expect(ends.map(({ began, result, report }) => [began, result.kind, report.counts.stored])).toEqual([
    [true, "ended", 1],
    [true, "ended", 0],
  ]);
  expect(due - Date.now()).toBeGreaterThan(30_000);
  await second.run("work");
  expect(refused).toBe(2);
});
