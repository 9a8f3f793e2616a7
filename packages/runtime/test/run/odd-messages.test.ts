import { MAX_HEADER_OCTETS } from "@mailonce/core";
import { sessionConformance } from "@mailonce/core/conformance";
import { InMemorySpool, InMemoryStore } from "@mailonce/core/memory";
import { startPop3Server } from "@mailonce/testkit";
import { afterAll, describe, expect, it } from "vitest";
import { accountOf, parseAccountUrl } from "../../src/account/account-url.ts";
import type { AccountReport, AccountRun } from "../../src/run/account-run.ts";
import { checkAccount, type FetchAccountOptions, fetchAccount } from "../../src/run/fetch-account.ts";
import { openSession } from "../../src/session/account-session.ts";

const plain = "Received: here\r\nSubject: plain\r\n\r\nText.\r\n";

/** A field of so many octets and more, folded into short lines. */
function folded(octets: number): string {
  return `References:${` <${"x".repeat(60)}@example.org>\r\n`.repeat(Math.ceil(octets / 77))}`;
}

const MESSAGES: Readonly<Record<string, string>> = {
  "a folded field of 1.2 MB": `Received: here\r\n${folded(1_200_000)}To: x\r\n\r\nText.\r\n`,
  "the same, without a Received field": `Subject: weak\r\n${folded(1_200_000)}\r\nText.\r\n`,
  "a header block that ends where nobody looks any more": `${folded(MAX_HEADER_OCTETS - 200)}${"X: y\r\n".repeat(40)}\r\nText.\r\n`,
  "a header block of 20 MB": `Received: here\r\n${folded(20_000_000)}\r\nText.\r\n`,
  "a header of 1.2 MB and nothing else": `Received: here\r\n${folded(1_200_000)}`,
  "one line of 10 MB in its header": `Received: here\r\nSubject: ${"y".repeat(10_000_000)}\r\n\r\nText.\r\n`,
  "one line of 10 MB and nothing else": `${"y".repeat(10_000_000)}\r\n`,
  "no empty line": "Received: here\r\nSubject: one\r\nText.\r\n",
  "NULs in header and text": "Received: he\0re\r\n\0\r\nSubject: \0\r\n\r\nTe\0xt.\r\n",
  "no octets": "",
  "an empty line alone": "\r\n",
  "empty lines alone": "\r\n\r\n\r\n",
};

async function ended(run: AccountRun): Promise<AccountReport> {
  for await (const _outcome of run);
  return run.report;
}

describe.each(["with unique-ids", "without"])("a maildrop %s", (ids) => {
  it.each(Object.entries(MESSAGES))(
    "settles a message with %s once",
    { timeout: 60_000 },
    async (_, text) => {
      await using server = await startPop3Server(
        ids === "without" ? { maildrop: { without: ["UIDL"] } } : {},
      );
      for (const one of [plain, text, `${plain}.\r\n`]) server.maildrop.deliver(Buffer.from(one, "latin1"));
      const store = new InMemoryStore();
      const account = accountOf(parseAccountUrl(`pop3://alice@127.0.0.1:${server.port}?tls=none`));
      const credentials = { user: "alice", password: "secret" };
      const options: FetchAccountOptions = { account, credentials, store, spool: new InMemorySpool() };
      const first = await ended(fetchAccount(options));
      expect(first).toMatchObject({ counts: { stored: 3 }, ending: "done" });
      expect(first.warnings.map(({ code }) => code)).not.toContain("top-unreliable");
      const retrieved = server.count("RETR");
      for (const again of [checkAccount, fetchAccount])
        expect(await ended(again(options))).toMatchObject({ counts: { known: 3, new: 0 }, ending: "done" });
      expect(server.count("RETR")).toBe(retrieved);
      expect((await store.findMaildrop(account.maildrop))?.topProven).not.toBe(false);
    },
  );
});

it("takes a message with a header of 1.2 MB for no proof that TOP is of no use", async () => {
  await using server = await startPop3Server({ maildrop: { without: ["UIDL"] } });
  server.maildrop.deliver(Buffer.from(MESSAGES["a folded field of 1.2 MB"] ?? ""));
  const store = new InMemoryStore();
  const account = accountOf(parseAccountUrl(`pop3://alice@127.0.0.1:${server.port}?tls=none`));
  const credentials = { user: "alice", password: "secret" };
  await ended(fetchAccount({ account, credentials, store, spool: new InMemorySpool() }));
  expect(await store.findMaildrop(account.maildrop)).toMatchObject({ topProven: true });
});

describe("the session over a connection", () => {
  const servers: { [Symbol.asyncDispose](): PromiseLike<void> }[] = [];
  afterAll(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]();
  });
  for (const { name, run } of sessionConformance)
    it(name, () =>
      run({
        async open(mails) {
          const server = await startPop3Server();
          servers.push(server);
          for (const { octets, uniqueId } of mails)
            server.maildrop.deliver(octets, { uniqueId: Buffer.from(uniqueId).toString("latin1") });
          const account = parseAccountUrl(`pop3://alice@127.0.0.1:${server.port}?tls=none`);
          return openSession(account, { credentials: { user: "alice", password: "secret" } });
        },
      }),
    );
});
