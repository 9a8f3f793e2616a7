import type { Outcome } from "@mailonce/core";
import { InMemorySpool, InMemoryStore } from "@mailonce/core/memory";
import {
  type MaildropBehaviour,
  type Pop3Server,
  type Pop3ServerOptions,
  startPop3Server,
} from "@mailonce/testkit";
import { accountOf, parseAccountUrl } from "../../src/account/account-url.ts";
import type { AccountReport, AccountRun } from "../../src/run/account-run.ts";
import { type FetchAccountOptions, fetchAccount } from "../../src/run/fetch-account.ts";

/** A scripted server with so many messages. */
export async function serverWith(
  behaviour: MaildropBehaviour,
  count = 3,
  options: Pop3ServerOptions = {},
): Promise<Pop3Server> {
  const server = await startPop3Server({ ...options, maildrop: behaviour });
  for (let n = 1; n <= count; n++)
    server.maildrop.deliver(
      Buffer.from(`Received: by example.org; ${n}\r\nSubject: ${n}\r\n\r\n${"x".repeat(n)}\r\n`),
    );
  return server;
}

/** Its account, without TLS. */
export function plain({ port }: Pop3Server): string {
  return `pop3://alice@127.0.0.1:${port}?tls=none`;
}

/** How to fetch from it, into a store in memory unless one is given. */
export function fetching(
  server: Pop3Server,
  options: Partial<FetchAccountOptions> = {},
): FetchAccountOptions {
  return {
    account: accountOf(parseAccountUrl(plain(server))),
    credentials: { user: "alice", password: "secret" },
    store: new InMemoryStore(),
    spool: new InMemorySpool(),
    restart: { restarts: 3, pause: async () => {} },
    ...options,
  };
}

/** What a fetch came to. */
export async function fetched(
  server: Pop3Server,
  options: Partial<FetchAccountOptions> = {},
): Promise<{ readonly report: AccountReport; readonly outcomes: readonly Outcome[] }> {
  return ended(fetchAccount(fetching(server, options)));
}

export async function ended(
  run: AccountRun,
): Promise<{ readonly report: AccountReport; readonly outcomes: readonly Outcome[] }> {
  const outcomes: Outcome[] = [];
  for await (const outcome of run) outcomes.push(outcome);
  return { report: run.report, outcomes };
}
