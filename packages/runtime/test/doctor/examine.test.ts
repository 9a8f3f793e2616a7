import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  freePort,
  type MaildropBehaviour,
  makeCertificate,
  type Pop3Server,
  type Pop3ServerOptions,
  sampleMail,
  startDovecot,
  startPop3Server,
  startSocksProxy,
  temporaryFolder,
  uniqueIds,
} from "@mailonce/testkit";
import { describe, expect, it } from "vitest";
import { accountOf, parseAccountUrl } from "../../src/account/account-url.ts";
import { holdLease } from "../../src/ledger/lease.ts";
import { dialThrough } from "../../src/proxy/dial-through.ts";
import { fetchAccount } from "../../src/run/fetch-account.ts";
import { FileSpool } from "../../src/spool/file-spool.ts";
import { openDatabase } from "../../src/store/database.ts";
import { examined } from "./patient.ts";

const mail = (n: number): Uint8Array =>
  Buffer.from(`Received: by example.org; ${n}\r\nSubject: number ${n}\r\n\r\nMessage ${"x".repeat(n)}.\r\n`);

async function serverWith(
  behaviour: MaildropBehaviour = {},
  options: Pop3ServerOptions = {},
  count = 5,
): Promise<Pop3Server> {
  const server = await startPop3Server({ ...options, maildrop: behaviour });
  for (let n = 1; n <= count; n++) server.maildrop.deliver(mail(n));
  return server;
}

const plain = (server: Pop3Server): string => `pop3://alice@127.0.0.1:${server.port}?tls=none`;

describe("a good server", () => {
  it("is found so, and left as it was", async () => {
    await using server = await serverWith();
    const { verdict, ending, lines, facts } = await examined(plain(server));
    expect({ verdict, ending }, lines.join("\n")).toEqual({ verdict: "ok", ending: "done" });
    expect(facts.trials).toMatchObject({ top: "works", pipelining: "works" });
    expect(facts.trials?.retrieved).toHaveLength(3);
    expect(facts.fetch).toMatchObject({ counts: { new: 5 } });
    // No QUIT after a RETR, nothing deleted.
    expect(server.count("QUIT") + server.count("DELE")).toBe(0);
    await server.waitFor(({ sessions }) => sessions.every(({ ended }) => ended === "by client"));
  });

  it.each(["tls", "stls"] as const)("shows its certificate without a login (%s)", async (security) => {
    await using server = await serverWith({}, { security });
    const url = `${security === "tls" ? "pop3s" : "pop3"}://alice@localhost:${server.port}`;
    const ca = server.certificate?.ca ?? "";
    const { facts, lines, on } = await examined(url, { tls: { ca } });
    expect(facts.failure, lines.join("\n")).toBeNull();
    expect(facts.tls).toMatchObject({ protocol: "TLSv1.3", distrust: null });
    expect(on("certificate")).toMatch(/^ok certificate: .* Mailonce test CA .* is trusted .* days left/);
    const [first, second] = server.sessions;
    expect(first?.commands ?? []).toEqual(security === "tls" ? [] : ["STLS"]);
    expect(second?.loggedIn).toBe(true);
  });

  it("is examined through a proxy, too", async () => {
    await using proxy = await startSocksProxy();
    await using server = await serverWith({}, { security: "tls" });
    const url = `pop3s://alice@localhost:${server.port}`;
    const { facts, on } = await examined(url, {
      dial: dialThrough(`socks5://127.0.0.1:${proxy.port}`),
      proxy: "socks5://proxy.example.org:1080",
      tls: { ca: server.certificate?.ca ?? "" },
    });
    expect(facts).toMatchObject({ failure: null, lookUp: null, tls: { distrust: null } });
    expect(on("name")).toContain("through socks5://proxy.example.org:1080");
  });

  it("is examined with an empty maildrop", async () => {
    await using server = await serverWith({}, {}, 0);
    const { verdict, facts, lines } = await examined(plain(server));
    expect(verdict, lines.join("\n")).toBe("ok");
    expect(facts.trials).toMatchObject({ top: "untried", pipelining: "untried", retrieved: [] });
  });
});

describe("the certificate", () => {
  it.each([
    [
      "of another name",
      { names: ["elsewhere.example.org"] },
      "made for another host name",
      "elsewhere.example.org",
    ],
    ["that has expired", { expired: true }, "has expired", "clock"],
    ["that nobody vouches for", { ca: "self" as const }, "is self-signed", "--ca FILE"],
  ])("%s is shown, with what to do, and nobody logs in", async (_what, made, words, advice) => {
    await using certificate = makeCertificate(made);
    await using server = await serverWith({}, { security: "tls", certificate });
    const tls = "ca" in made ? {} : { tls: { ca: certificate.ca } };
    const { verdict, ending, on, findings } = await examined(`pop3s://alice@localhost:${server.port}`, tls);
    expect({ verdict, ending }).toEqual({ verdict: "bad", ending: "denied" });
    expect(on("certificate")).toContain(words);
    expect(on("certificate")).toContain(advice);
    expect(findings.filter((one) => one.verdict === "bad")).toHaveLength(1);
    expect(server.sessions.every(({ loggedIn }) => !loggedIn)).toBe(true);
  });

  it("that ends soon is told before it does", async () => {
    await using server = await serverWith({}, { security: "tls" });
    const { validTo } = (
      await examined(`pop3s://alice@localhost:${server.port}`, { tls: { ca: server.certificate?.ca ?? "" } })
    ).facts.tls ?? { validTo: new Date() };
    const now = new Date(validTo.getTime() - 5.5 * 24 * 3600 * 1000);
    const { verdict, ending, on } = await examined(`pop3s://alice@localhost:${server.port}`, {
      tls: { ca: server.certificate?.ca ?? "" },
      now,
    });
    expect({ verdict, ending }).toEqual({ verdict: "look", ending: "done" });
    expect(on("certificate")).toContain("ends soon");
    expect(on("certificate")).toContain("5 days left");
  });

  it("that is not the pinned one is named", async () => {
    await using server = await serverWith({}, { security: "tls" });
    const pinnedPublicKeys = ["0".repeat(64)];
    const { ending, on } = await examined(`pop3s://alice@localhost:${server.port}`, {
      tls: { ca: server.certificate?.ca ?? "", pinnedPublicKeys },
    });
    expect(ending).toBe("denied");
    expect(on("certificate")).toMatch(/not the one that is pinned.*its public key is [A-Za-z0-9+/]{43}=/s);
  });
});

describe("what keeps from the mail", () => {
  it("a name that nobody knows", async () => {
    const { ending, on } = await examined("pop3s://alice@no-such-host.invalid");
    expect(ending).toBe("unavailable");
    expect(on("name")).toMatch(/^bad name: .*no-such-host\.invalid/);
  });

  it("a port that nobody listens on", async () => {
    const { ending, on } = await examined(`pop3s://alice@127.0.0.1:${await freePort()}`);
    expect(ending).toBe("unavailable");
    expect(on("connection")).toContain("refuses the connection");
  });

  it("a server that does not offer STLS", async () => {
    await using server = await serverWith();
    const { ending, on } = await examined(`pop3://alice@127.0.0.1:${server.port}`);
    expect(ending).toBe("denied");
    expect(on("connection")).toContain("does not offer STLS");
  });

  it("a wrong password", async () => {
    await using server = await serverWith();
    const { ending, on, facts } = await examined(plain(server), {
      credentials: { user: "alice", password: "hunter2" },
    });
    expect(ending).toBe("denied");
    expect(on("login")).toContain("check user and password");
    expect(JSON.stringify(facts)).not.toContain("hunter2");
    expect(facts.capabilities?.beforeLogin).toContain("UIDL");
  });

  it("a maildrop in use", async () => {
    await using server = await serverWith({ refusals: { PASS: "-ERR [IN-USE] locked" } });
    const { ending, on } = await examined(plain(server));
    expect(ending).toBe("busy");
    expect(on("login")).toContain("try again later");
  });

  it("a password that cannot be had", async () => {
    await using server = await serverWith();
    const { ending, on } = await examined(plain(server), {
      credentials: () =>
        Promise.reject(Object.assign(new Error("the login broke off"), { code: "cannot-write" })),
    });
    expect(ending).toBe("unwritable");
    expect(on("login")).toContain("broke off");
  });

  it("a provider's own conditions are told to who cannot get in, and not to who can", async () => {
    await using server = await serverWith();
    const wrong = { credentials: { user: "alice", password: "hunter2" }, profile: "gmail" } as const;
    expect((await examined(plain(server), wrong)).on("password-for-programs")).toContain(
      "make one for programs",
    );
    const right = await examined(plain(server), { profile: "gmail" });
    expect(right.on("password-for-programs")).toBe("");
    expect(right.on("gmail-window")).toContain("recent:");
  });

  it("a listing that breaks off", async () => {
    await using server = await serverWith();
    server.faults = [{ at: { verb: "LIST", afterOctets: 10 }, do: "close" }];
    const { ending, on, facts } = await examined(plain(server));
    expect(ending).toBe("unavailable");
    expect(on("session")).toContain("listing the mail failed");
    expect(facts.login?.mechanism).toBe("USER");
  });

  it.each(["pop3s", "pop3"])("a server that says nothing (%s)", async (scheme) => {
    await using server = await startPop3Server({ faults: [{ at: { verb: "GREETING" }, do: "stall" }] });
    const timeouts = { connectMs: 100, replyMs: 100 };
    const { ending, on } = await examined(`${scheme}://alice@127.0.0.1:${server.port}`, { timeouts });
    expect(ending).toBe("unavailable");
    expect(on("connection")).toContain("did not answer in time");
  });

  it("a server that closes the connection at once", async () => {
    await using server = await startPop3Server({ faults: [{ at: { verb: "GREETING" }, do: "close" }] });
    for (const scheme of ["pop3s", "pop3"]) {
      const { ending, on } = await examined(`${scheme}://alice@127.0.0.1:${server.port}`);
      expect(ending).toBe("unavailable");
      expect(on("connection")).toMatch(/^bad/);
    }
  });

  it("an interruption is no finding", async () => {
    await using server = await serverWith();
    const controller = new AbortController();
    server.faults = [
      { at: { verb: "STAT" }, do: "hold", until: async () => controller.abort(new Error("enough")) },
    ];
    await expect(examined(plain(server), { signal: controller.signal })).rejects.toThrow("enough");
  });
});

describe("a server's faults", () => {
  it.each<[string, MaildropBehaviour, topic: string, line: RegExp]>([
    ["no UIDL", { without: ["UIDL"] }, "unique-ids", /^look .*no UIDL.*every fetch asks for 5 headers/],
    ["no TOP", { without: ["TOP"] }, "top", /^look .*no TOP/],
    ["one header for all", { top: mail(9) }, "top", /^look .*TOP does not give the header/],
    ["no CAPA", { without: ["CAPA"] }, "capabilities", /^ok .*no CAPA/],
    ["no pipelining", { pipelining: "unannounced" }, "pipelining", /^ok .*does not offer/],
    ["broken pipelining", { pipelining: "broken" }, "pipelining", /^look .*are lost.*pipelining: false/],
    ["one unique-id for all", { uniqueIdOf: uniqueIds.shared }, "unique-ids", /^look .*5 messages share/],
    ["empty unique-ids", { uniqueIdOf: uniqueIds.empty }, "unique-ids", /^look .*5 messages listed without/],
    ["long unique-ids", { uniqueIdOf: uniqueIds.long }, "unique-ids", /^look .*longest has 151/],
    [
      "unique-ids with a space",
      { uniqueIdOf: uniqueIds.withSpace },
      "unique-ids",
      /^look .*blanks or octets/,
    ],
    ["unique-ids of 8 bits", { uniqueIdOf: uniqueIds.nonAscii }, "unique-ids", /^look .*blanks or octets/],
    [
      "sizes that are too large",
      { listedOctets: ({ bytes }) => bytes.length + 7 },
      "octets",
      /^look .*fewer octets/,
    ],
    [
      "sizes that are too small",
      { listedOctets: ({ bytes }) => bytes.length - 7 },
      "octets",
      /^ok .*more octets/,
    ],
    [
      "a message that cannot be had",
      { refuse: (verb) => (verb === "RETR" ? "-ERR [SYS/TEMP] disk" : undefined) },
      "retr",
      /^look .*refuses to give 3 of 3 .*disk.*deferred/,
    ],
    [
      "a listing line that makes no sense",
      { listingLine: (verb, line, n) => (verb === "LIST" && n === 2 ? "what?" : line) },
      "listing",
      /^look .*1 line of the listing cannot be read[\s\S]*look .*STAT counts 5 messages, LIST lists 4/,
    ],
    [
      "a line for message number 0, which a fetch leaves out",
      { listingLine: (verb, line, n) => (verb === "LIST" && n === 5 ? [line, "0 5"] : line) },
      "listing",
      /^look .*1 line of the listing cannot be read/,
    ],
    [
      "two sizes for one message",
      { listingLine: (verb, line, n) => (verb === "LIST" && n === 1 ? [line, "1 7"] : line) },
      "listing",
      /^look .*1 line of the listing cannot be read/,
    ],
    [
      "EXPIRE 0",
      { capabilities: () => ["USER", "UIDL", "TOP", "EXPIRE 0"] },
      "expire",
      /^look .*deletes what was retrieved/,
    ],
    ["EXPIRE 7", { capabilities: () => ["UIDL", "TOP", "EXPIRE 7"] }, "expire", /^look .*after 7 days/],
    [
      "a login delay",
      { capabilities: () => ["UIDL", "TOP", "LOGIN-DELAY 900"] },
      "login-delay",
      /^look .*900 seconds/,
    ],
    [
      "a name of its own",
      { capabilities: () => ["UIDL", "TOP", "IMPLEMENTATION Foo 1.0"] },
      "implementation",
      /^ok .*Foo 1\.0/,
    ],
  ])("%s", async (_what, behaviour, topic, line) => {
    await using server = await serverWith(behaviour);
    const { ending, on, lines, verdict } = await examined(plain(server), { patienceMs: 300 });
    expect(on(topic), lines.join("\n")).toMatch(line);
    expect({ ending, verdict }).toEqual({
      ending: "done",
      verdict: line.source.startsWith("^look") ? "look" : "ok",
    });
    expect(server.count("QUIT")).toBe(0);
  });

  it("passwords without TLS", async () => {
    await using server = await serverWith();
    const { account, credentials } = {
      account: { ...accountOf(parseAccountUrl(plain(server))), host: "localhost" },
      credentials: { user: "alice", password: "secret" },
    };
    const here = await examined(plain(server), { account, credentials });
    expect(here.on("encryption")).toMatch(/^ok .*does not leave this machine/);
    // Through a proxy it does.
    const away = await examined(plain(server), { proxy: "http://proxy.example.org:3128" });
    expect(away.on("encryption")).toMatch(/^look .*not encrypted/);
  });
});

describe("the ledger", () => {
  async function fetched(server: Pop3Server, databaseUrl: string): Promise<void> {
    await using store = await openDatabase(databaseUrl, {});
    await using spool = new FileSpool();
    const account = accountOf(parseAccountUrl(plain(server)));
    const run = fetchAccount({ account, credentials: { user: "alice", password: "secret" }, store, spool });
    for await (const _outcome of run);
    expect(run.report.ending).toBe("done");
  }

  it("says what a fetch would do", async () => {
    await using folder = temporaryFolder("mailonce-doctor-");
    const databaseUrl = `sqlite:${join(folder.path, "mail.sqlite")}`;
    await using server = await serverWith();
    const before = await examined(plain(server), { databaseUrl });
    expect(before.on("database")).toContain("no database yet");
    expect(before.on("fetch")).toMatch(/5 new, 0 known.*baseline/);
    await fetched(server, databaseUrl);
    server.maildrop.deliver(mail(6));
    const { verdict, on, lines } = await examined(plain(server), { databaseUrl });
    expect(verdict, lines.join("\n")).toBe("ok");
    expect(on("fetch")).toBe("ok fetch: a fetch would find 1 new, 5 known");
    expect(on("renumbered")).toContain("5 of 6 looked up");
    expect(on("ledger")).toContain("5 messages were listed");
  });

  it("shows that the server has renumbered", async () => {
    await using folder = temporaryFolder("mailonce-doctor-");
    const databaseUrl = `sqlite:${join(folder.path, "mail.sqlite")}`;
    await using server = await serverWith();
    await fetched(server, databaseUrl);
    server.maildrop.renumber();
    const { on, facts } = await examined(plain(server), { databaseUrl });
    expect(on("renumbered")).toMatch(/^look .*none of the unique-ids/);
    expect(facts.fetch).toMatchObject({ counts: { new: 0, rebound: 5 } });
    server.maildrop.behaviour.nextListing = "empty";
    expect((await examined(plain(server), { databaseUrl })).on("listing")).toMatch(/^look .*only 0 messages/);
  });

  it("says who is at work, and that the last run was killed", async () => {
    await using folder = temporaryFolder("mailonce-doctor-");
    const databaseUrl = `sqlite:${join(folder.path, "mail.sqlite")}`;
    await using server = await serverWith();
    await fetched(server, databaseUrl);
    await using store = await openDatabase(databaseUrl, {});
    const [maildrop] = await store.maildrops();
    {
      await using _lease = await holdLease(store, maildrop?.name ?? "");
      expect((await examined(plain(server), { databaseUrl })).on("lease")).toContain(
        `process ${process.pid}`,
      );
    }
    const guard = { generation: maildrop?.generation ?? 0, leaseToken: null };
    await store.transact(maildrop?.id ?? 0, guard, async (tx) =>
      tx.updateMaildrop({
        endedCleanly: false,
        sequential: true,
        uniqueIdsTrusted: false,
        pauseReason: "moved",
      }),
    );
    const { on, ending } = await examined(plain(server), { databaseUrl });
    expect(ending).toBe("done");
    expect(on("lease")).toBe("");
    for (const topic of ["last-run", "sequential", "unique-ids-trusted", "paused"])
      expect(on(topic)).toMatch(/^look/);
  });

  it("is a matter of its own: what is wrong with it does not hide the server, nor the other way round", async () => {
    await using server = await serverWith();
    const databaseUrl = "mariadb://mail@127.0.0.1:1/mail";
    const { ending, on, facts } = await examined(plain(server), { databaseUrl });
    expect(ending).toBe("unavailable");
    expect(on("database")).toMatch(/^bad/);
    expect(facts.trials?.top).toBe("works");
    await using folder = temporaryFolder("mailonce-doctor-");
    const there = `sqlite:${join(folder.path, "mail.sqlite")}`;
    await fetched(server, there);
    const wrong = await examined(plain(server), {
      databaseUrl: there,
      credentials: { user: "alice", password: "hunter2" },
    });
    expect(wrong.on("database")).toMatch(/^ok/);
    expect(wrong.on("ledger")).toContain("5 messages were listed");
  });
});

it("finds nothing wrong with Dovecot, which takes at most the messages that were tried for read", async () => {
  await using dovecot = await startDovecot();
  await dovecot.deliver("alice", sampleMail(50));
  const seen = (): number =>
    dovecot.doveadm("search", "-u", "alice", "SEEN").split("\n").filter(Boolean).length;
  const tls = { ca: readFileSync(dovecot.caFile, "utf8") };
  const urls = [`pop3s://alice@localhost:${dovecot.pop3sPort}`, `pop3://alice@localhost:${dovecot.pop3Port}`];
  const looked = await examined(urls[0] ?? "", { tls, retrieve: false });
  expect(looked.facts.trials).toMatchObject({ top: "untried", pipelining: "works", retrieved: [] });
  expect({ verdict: looked.verdict, seen: seen() }).toEqual({ verdict: "ok", seen: 0 });
  for (const url of urls) {
    const { verdict, ending, lines, facts } = await examined(url, { tls });
    expect({ verdict, ending }, lines.join("\n")).toEqual({ verdict: "ok", ending: "done" });
    expect(facts.trials).toMatchObject({ top: "works", pipelining: "works", refusals: [] });
    expect(facts.capabilities?.afterLogin).toContain("UIDL");
    expect(facts.login?.offered).toContain("PLAIN");
  }
  expect(seen()).toBeLessThanOrEqual(3);
  expect(dovecot.log()).not.toContain("Logged out");
});
