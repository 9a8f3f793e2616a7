import { InMemorySpool, InMemoryStore } from "@mailonce/core/memory";
import { startPop3Server } from "@mailonce/testkit";
import { expect, it } from "vitest";
import { accountOf, parseAccountUrl } from "../../src/account/account-url.ts";
import { fetchAccount } from "../../src/run/fetch-account.ts";
import { KnownOffer } from "../../src/session/known-offer.ts";

const HOUR = 3_600_000;

async function world() {
  const server = await startPop3Server();
  server.maildrop.deliver(Buffer.from("Subject: hello\r\n\r\nHello.\r\n"));
  const account = accountOf(parseAccountUrl(`pop3://alice@127.0.0.1:${server.port}?tls=none`));
  const store = new InMemoryStore();
  let now = 0;
  const offer = new KnownOffer(() => now);
  return {
    server,
    pass: (ms: number): void => {
      now += ms;
    },
    /** Makes a run; gives what was said up to the login, and how it ended. */
    async run(password = "secret") {
      const credentials = { user: "alice", password };
      const run = fetchAccount({ account, credentials, store, spool: new InMemorySpool(), offer });
      for await (const _outcome of run);
      const commands = server.sessions.at(-1)?.commands ?? [];
      const toLogin = commands.slice(
        0,
        commands.findIndex((line) => line.startsWith("PASS")),
      );
      return { toLogin, ending: run.report.ending };
    },
  };
}

it("asks the server what it offers before the first login of an account, and not before the next", async () => {
  const { server, run } = await world();
  await using _server = server;
  expect(await run()).toEqual({ toLogin: ["CAPA", "UTF8", "USER alice"], ending: "done" });
  expect(await run()).toEqual({ toLogin: ["UTF8", "USER alice"], ending: "done" });
  // After the login the server may offer something else.
  expect(server.sessions.map(({ commands }) => commands.filter((line) => line === "CAPA").length)).toEqual([
    2, 1,
  ]);
});

it("asks again after a login that failed, and after an hour", async () => {
  const { server, run, pass } = await world();
  await using _server = server;
  await run();
  expect((await run("wrong")).ending).toBe("denied");
  expect((await run()).toLogin).toEqual(["CAPA", "UTF8", "USER alice"]);
  pass(HOUR - 1);
  expect((await run()).toLogin).toEqual(["UTF8", "USER alice"]);
  pass(1);
  expect((await run()).toLogin).toEqual(["CAPA", "UTF8", "USER alice"]);
  pass(1);
  expect((await run()).toLogin).toEqual(["UTF8", "USER alice"]);
});
