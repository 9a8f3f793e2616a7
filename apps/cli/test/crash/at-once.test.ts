import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { InMemorySpool } from "@mailonce/core/memory";
import { fetchAccount, openDatabase } from "@mailonce/runtime";
import { accountOf, parseAccountUrl } from "@mailonce/runtime/config";
import { type Pop3Server, sampleMail, simpleMail, specialMail, startPop3Server } from "@mailonce/testkit";
import { sharedMariaDb } from "@mailonce/testkit/vitest";
import { beforeAll, describe, expect, it } from "vitest";
import { build } from "../mailonce.ts";
import { MAILDROP } from "./command.ts";
import { type CrashDatabase, MARK, mariaDatabase, refuseMarked, sqliteFile } from "./crash-database.ts";
import { compareStored } from "./stored-check.ts";

beforeAll(build, 180_000);

const SCRIPT = fileURLToPath(new URL("many-fetch.mjs", import.meta.url));
const RIGHT = { duplicates: 0, losses: 0, strangers: 0 };

const databases: readonly (readonly [string, () => Promise<CrashDatabase>])[] = [
  ["SQLite", async () => sqliteFile()],
  ["MariaDB", () => mariaDatabase(sharedMariaDb())],
];

describe.each(databases)(
  "eight processes that fetch one maildrop at the same moment, on %s",
  (_name, create) => {
    const names = [
      "every octet",
      "zero octets",
      "identical copy, the first",
      "identical copy, the second",
      "weak header",
    ];
    const mail = [
      ...names.map((name) => specialMail[name]?.() ?? new Uint8Array(0)),
      ...sampleMail(12, 3, { special: false, largeAttachment: 1_200_000 }),
    ];

    it("store every message once, without a lease", async () => {
      await using database = await create();
      await using server = await startPop3Server();
      server.maildrop.deliverAll(mail);
      await fetchByMany(8, server, database);
      expect(await compareStored(database.url, mail)).toMatchObject({ ...RIGHT, stored: mail.length });
    });

    it("store every message once where there are no unique-ids", async () => {
      await using database = await create();
      await using server = await startPop3Server({ maildrop: { without: ["UIDL"] } });
      const ordinary = sampleMail(10, 4, { special: false, largeAttachment: 0 });
      server.maildrop.deliverAll(ordinary);
      await fetchByMany(8, server, database);
      expect(await compareStored(database.url, ordinary)).toMatchObject({
        ...RIGHT,
        stored: ordinary.length,
      });
    });

    it("store every message once where the server has renumbered all, and has new ones", async () => {
      await using database = await create();
      await using server = await startPop3Server();
      const ordinary = sampleMail(16, 5, { special: false, largeAttachment: 0 });
      server.maildrop.deliverAll(ordinary.slice(0, 10));
      await fetchByMany(1, server, database);
      server.maildrop.renumber();
      server.maildrop.deliverAll(ordinary.slice(10));
      await fetchByMany(8, server, database);
      expect(await compareStored(database.url, ordinary)).toMatchObject({
        ...RIGHT,
        stored: ordinary.length,
      });
    });
  },
);

describe("two accounts in one process on one SQLite file", () => {
  it("do not lose their rows to each other's failed transactions", async () => {
    await using database = sqliteFile();
    await refuseMarked(database);
    await using server = await startPop3Server();
    const bob = server.addAccount("bob", "secret");
    const note = (subject: string): Uint8Array =>
      simpleMail({ from: "c@example.com", to: "d@example.com", subject, date: new Date(0), body: subject });
    const alices = Array.from({ length: 250 }, (_, index) => note(`alice ${index}`));
    const bobs = Array.from({ length: 250 }, (_, index) =>
      note(index % 5 === 4 ? `${MARK} ${index}` : `bob ${index}`),
    );
    server.maildrop.deliverAll(alices);
    bob.deliverAll(bobs);
    await using store = await openDatabase(database.url, {});
    const reports = await Promise.all(
      ["alice", "bob"].map(async (user) => {
        const account = accountOf(parseAccountUrl(`pop3://${user}@127.0.0.1:${server.port}?tls=none`), user);
        const run = fetchAccount({
          account,
          credentials: { user: account.user, password: "secret" },
          store,
          spool: new InMemorySpool(),
        });
        for await (const _ of run);
        return run.report;
      }),
    );
    expect(reports).toMatchObject([
      { ending: "done", counts: { stored: 250, deferred: 0 } },
      { ending: "partial", counts: { stored: 200, deferred: 50 } },
    ]);
    const storable = bobs.filter((bytes) => !Buffer.from(bytes).includes(MARK));
    expect(await compareStored(database.url, [...alices, ...storable])).toEqual({ ...RIGHT, stored: 450 });
  });
});

async function fetchByMany(count: number, server: Pop3Server, { url }: CrashDatabase): Promise<void> {
  const parameters = [SCRIPT, url, String(server.port), server.password, MAILDROP];
  const children = Array.from({ length: count }, () =>
    spawn(process.execPath, parameters, { stdio: ["pipe", "pipe", "pipe"] }),
  );
  const ends = children.map((child) => endOf(child));
  await Promise.all(children.map((child, index) => Promise.race([once(child.stdout, "data"), ends[index]])));
  for (const child of children) child.stdin.write("go\n");
  const results = await Promise.all(ends);
  expect(results.filter(({ code }) => code !== 0)).toEqual([]);
}

async function endOf(
  child: ChildProcess,
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdin?.on("error", () => undefined);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stderr };
}
