import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "@mailonce/runtime";
import {
  type Certificate,
  type MariaDb,
  makeCertificate,
  type Pop3Server,
  simpleMail,
  startMariaDb,
  startPop3Server,
} from "@mailonce/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { build, type Ended, User } from "./mailonce.ts";

beforeAll(build, 180_000);

const mail = (subject: string): Uint8Array =>
  simpleMail({
    from: "Bob Baker <bob@example.com>",
    to: "alice@example.org",
    subject,
    date: new Date("2026-05-01T12:34:56Z"),
    body: `This is ${subject}.`,
  });

const urlOf = (server: { readonly port: number }): string => `pop3://alice@127.0.0.1:${server.port}?tls=none`;

async function serverWith(...subjects: string[]): Promise<Pop3Server> {
  const server = await startPop3Server();
  server.maildrop.deliverAll(subjects.map(mail));
  return server;
}

/** Takes the last migrations back, all but the first if it is not said how many, as if an older version had made the tables. */
async function makeOlder(url: string, steps?: number): Promise<void> {
  await using store = await openDatabase(url, {});
  const all = store.schema?.done.length ?? 0;
  for (let count = 0; count < (steps ?? all - 1); count++)
    await store.dataSource.undoLastMigration({ transaction: "none" });
}

async function makeNewer(url: string): Promise<void> {
  await using store = await openDatabase(url, {});
  await store.dataSource.query(
    "INSERT INTO mailonce_migrations (timestamp, name) VALUES (1999999999999, 'mailonce_add_wonders_1999999999999')",
  );
}

const findings = (ended: Ended, topic: string): readonly Record<string, unknown>[] =>
  ended.json.filter((line) => line["type"] === "finding" && line["topic"] === topic);

describe("after an upgrade", () => {
  let maria: MariaDb;
  beforeAll(async () => {
    maria = await startMariaDb();
  });
  afterAll(() => maria?.stop());

  async function database(kind: "SQLite" | "MariaDB", user: User) {
    if (kind === "SQLite") {
      const url = `sqlite:${user.database}`;
      return { url, reading: url };
    }
    const { mariadbUrl: url, name } = await maria.createDatabase();
    await maria.sql(
      `CREATE USER 'r_${name}'@'127.0.0.1' IDENTIFIED BY 'reads'; GRANT SELECT ON ${name}.* TO 'r_${name}'@'127.0.0.1'`,
    );
    return { url, reading: `mariadb://r_${name}:reads@127.0.0.1:${maria.port}/${name}` };
  }

  it.each(["SQLite", "MariaDB"] as const)(
    "commands that only read read what is there, on %s, and change nothing",
    async (kind) => {
      await using server = await serverWith("one", "two");
      await using user = new User();
      const { url, reading } = await database(kind, user);
      const env = { MAILONCE_DATABASE: url };
      expect(await user.run(["fetch", urlOf(server)], { env })).toMatchObject({ code: 0 });
      await makeOlder(url);
      server.maildrop.deliver(mail("three"));

      const look = (...words: string[]): Promise<Ended> =>
        user.run(words, { env: { MAILONCE_DATABASE: reading } });
      const list = await look("list", "--json");
      expect(list).toMatchObject({ code: 0, stderr: "" });
      expect(list.json.map(({ subject }) => subject)).toEqual(["two", "one"]);
      const id = String(list.json[0]?.["id"]);
      expect(await look("show", id)).toMatchObject({ code: 0, stderr: "" });
      expect((await look("show", "--raw", id)).octets).toEqual(Buffer.from(mail("two")));
      expect((await look("show", "--part", "1", id)).stdout).toContain("This is two.");
      expect(await look("export", "--to", join(user.home, "out"))).toMatchObject({ code: 0, stderr: "" });
      const check = await look("check", "--json", urlOf(server));
      expect(check).toMatchObject({ code: 0, stderr: "" });
      expect(check.json.at(-1)).toMatchObject({ counts: { new: 1, known: 2 } });
      for (const words of [["deferred"], ["maildrop"], ["accounts"], ["outbox"]])
        expect(await look(...words, "list", "--json")).toMatchObject({ code: 0, stderr: "" });
      expect(await look("explain", "--stored", "--where", "subject:one")).toMatchObject({
        code: 0,
        stderr: "",
      });

      for (const words of [["search"], ["list", "--where"]]) {
        expect((await look(...words, "NOT subject:two")).stdout).toContain("one");
        expect(await look(...words, "text")).toMatchObject({
          code: 78,
          stderr: expect.stringContaining("run 'mailonce database migrate'"),
        });
      }

      const status = await look("database", "status", "--json");
      expect(status).toMatchObject({ code: 65, stderr: "" });
      const { due, done, ...rest } = status.json[0] ?? {};
      expect(rest).toMatchObject({ type: "database", state: "outdated", unknown: [], exitCode: 65 });
      expect(due).toContainEqual(expect.stringMatching(/add_word_blocks/));
      expect(done).toEqual([expect.stringMatching(/create_tables/)]);
    },
  );

  it("says what is to be done, does it, and then has nothing to do", async () => {
    await using server = await serverWith("one");
    await using user = new User();
    const run = (...words: string[]): Promise<Ended> => user.run(["database", ...words]);
    const before = await run("status");
    expect(before.code).toBe(65);
    expect(before.stdout).toMatch(/^SQLite file .*: there are no tables yet\.\n {2}due {4}create tables\n/);
    expect(before.stderr).toContain("mailonce database migrate");
    const made = await run("migrate");
    expect(made).toMatchObject({ code: 0, stderr: "" });
    expect(made.stdout).toMatch(/ {2}done {3}create tables\n(.*\n)*SQLite file .* is up to date now\.\n$/);
    expect(await run("status")).toMatchObject({ code: 0, stderr: "" });

    expect(await user.run(["fetch", urlOf(server)])).toMatchObject({ code: 0 });
    await makeOlder(`sqlite:${user.database}`);
    const due = (await run("status", "--json")).json[0]?.["due"];
    const migrated = await run("migrate", "--json");
    expect(migrated).toMatchObject({ code: 0, stderr: "" });
    expect(migrated.json).toEqual([
      { type: "database-migration", place: `SQLite file ${user.database}`, done: due },
    ]);
    const again = await run("migrate");
    expect(again.stdout).toMatch(/was up to date already\.\n$/);
    expect((await user.run(["list", "--json"])).json).toMatchObject([{ subject: "one" }]);
  });

  it("lets one user make the tables, and another one fetch who may not", async () => {
    await using server = await serverWith("one");
    await using user = new User();
    const { url } = await database("MariaDB", user);
    const name = new URL(url).username;
    await maria.sql(
      `CREATE USER 'f_${name}'@'127.0.0.1' IDENTIFIED BY 'fetches';
       GRANT SELECT, INSERT, UPDATE, DELETE ON ${name}.* TO 'f_${name}'@'127.0.0.1'`,
    );
    const fetching = url.replace(/\/\/[^@]*@/, `//f_${name}:fetches@`);
    const fetch = (): Promise<Ended> => user.run(["fetch", "--database", fetching, urlOf(server)]);
    const refused = await fetch();
    expect(refused).toMatchObject({ code: 69, stdout: "" });
    expect(refused.stderr).toMatch(
      /does not grant the user that: CREATE, .*'mailonce database migrate' once\.\n$/,
    );
    expect(refused.stderr.split("\n")).toHaveLength(2);
    const doctor = await user.run(["doctor", "--json", "--database", fetching, urlOf(server)]);
    expect(doctor.code).toBe(69);
    expect(findings(doctor, "database-user")[0]).toMatchObject({
      verdict: "bad",
      message: expect.stringMatching(
        /may not do what a fetch needs: CREATE, ALTER, DROP, INDEX, REFERENCES$/,
      ),
    });
    expect(await user.run(["database", "migrate", "--database", url])).toMatchObject({ code: 0 });
    expect(await fetch()).toMatchObject({ code: 0 });
    const well = await user.run(["doctor", "--json", "--database", fetching, urlOf(server)]);
    expect(well.code).toBe(0);
    expect(findings(well, "database-user")).toEqual([]);
  });

  it("does not write into the tables of a later version, and reads them", async () => {
    await using server = await serverWith("one");
    await using user = new User();
    expect(await user.run(["fetch", urlOf(server)])).toMatchObject({ code: 0 });
    await makeNewer(`sqlite:${user.database}`);
    const list = await user.run(["list", "--json"]);
    expect(list).toMatchObject({ code: 0, stderr: "" });
    expect(list.json).toMatchObject([{ subject: "one" }]);
    expect(await user.run(["check", urlOf(server)])).toMatchObject({ code: 0 });
    for (const words of [
      ["fetch", urlOf(server)],
      ["baseline", urlOf(server)],
      ["database", "migrate"],
      ["maildrop", "rename", `alice@127.0.0.1:${server.port}`, "work"],
      ["outbox", "deliver"],
    ]) {
      const ended = await user.run(words);
      expect([words[0], ended.code]).toEqual([words[0], 78]);
      expect(ended.stderr).toMatch(
        /by a later version of Mailonce, and this one writes nothing into it: use that/,
      );
    }
    const status = await user.run(["database", "status"]);
    expect(status.code).toBe(78);
    expect(status.stdout).toMatch(/ {2}later {2}add wonders\n/);
    const doctor = await user.run(["doctor", "--json", urlOf(server)]);
    expect(doctor.code).toBe(78);
    expect(findings(doctor, "database")[0]).toMatchObject({ verdict: "bad" });
  });
});

describe("a database server with TLS", () => {
  let maria: MariaDb;
  let certificate: Certificate;
  let client: Certificate;
  let plain: string;
  beforeAll(async () => {
    certificate = makeCertificate({ names: ["localhost"] });
    client = makeCertificate({ names: ["client"], use: "client", ca: certificate });
    const { certificateFile, keyFile, caFile } = certificate;
    maria = await startMariaDb({
      parameters: [`--ssl-cert=${certificateFile}`, `--ssl-key=${keyFile}`, `--ssl-ca=${caFile}`],
    });
    plain = (await maria.createDatabase()).mariadbUrl.replace("@127.0.0.1:", "@localhost:");
  });
  afterAll(async () => {
    await maria?.stop();
    await client?.[Symbol.asyncDispose]();
    await certificate?.[Symbol.asyncDispose]();
  });

  /** An account of the same rights, which must come by TLS. */
  async function account(condition: string): Promise<string> {
    const { username, pathname } = new URL(plain);
    const name = `${username}_${condition.replaceAll(" ", "").toLowerCase()}`;
    await maria.sql(
      `CREATE OR REPLACE USER '${name}'@'127.0.0.1' IDENTIFIED BY 'secretword' ${condition};
       GRANT ALL ON ${username}.* TO '${name}'@'127.0.0.1'`,
    );
    return `mariadb://${name}:secretword@localhost:${maria.port}${pathname}`;
  }

  it("is fetched into over TLS, and the doctor says how", async () => {
    await using server = await serverWith("one");
    await using user = new User();
    const url = await account("REQUIRE SSL");
    const doctor = (database: string): Promise<Ended> =>
      user.run(["doctor", "--json", "--database", database, urlOf(server)]);
    const without = await user.run(["fetch", "--database", url, urlOf(server)]);
    expect(without).toMatchObject({ code: 77, stdout: "" });
    expect(without.stderr).toMatch(/add \?tls=verify to the database's URL\.\n$/);
    expect(without.stderr).not.toContain("secretword");

    const verified = `${url}?tls=verify&ca=${certificate.caFile}`;
    expect(await user.run(["fetch", "--database", verified, urlOf(server)])).toMatchObject({ code: 0 });
    expect((await user.run(["list", "--json", "--database", verified])).json).toHaveLength(1);
    expect(findings(await doctor(verified), "database-tls")).toMatchObject([
      { verdict: "ok", message: expect.stringMatching(/is encrypted: TLSv1\.3 .*proved who it is$/) },
    ]);
    expect(findings(await doctor(`${url}?tls=required`), "database-tls")).toMatchObject([
      { verdict: "look", message: expect.stringMatching(/can pose as the server/) },
    ]);
    expect(findings(await doctor(plain), "database-tls")).toMatchObject([
      { verdict: "ok", message: expect.stringMatching(/not encrypted, but it does not leave this machine/) },
    ]);
    const status = await user.run(["database", "status", "--json", "--database", verified]);
    expect(status.json[0]).toMatchObject({
      server: { product: "mariadb", encryption: { protocol: "TLSv1.3", verified: "host" }, lacking: [] },
    });
    expect(status.stdout).not.toContain("secretword");
  });

  it("is trusted by its authority in an accounts file, beside it, or in Node's own list", async () => {
    await using server = await serverWith("one");
    await using user = new User();
    user.write("ca of the database.pem", readFileSync(certificate.caFile, "utf8"));
    user.write("client.pem", client.certificate);
    user.write("client.key", client.key);
    const url = await account("REQUIRE X509");
    const files = "ca=ca%20of%20the%20database.pem&cert=client.pem&key=~/client.key";
    user.write(
      "mailonce.yaml",
      `database: ${url}?tls=verify&${files}\naccounts:\n  work:\n    url: ${urlOf(server)}\n    apart: true\n`,
    );
    expect(await user.run(["config", "check"])).toMatchObject({ code: 0 });
    expect(await user.run(["fetch"])).toMatchObject({ code: 0 });

    const own = `${await account("REQUIRE SSL")}?tls=verify`;
    const env = { NODE_EXTRA_CA_CERTS: certificate.caFile };
    expect(await user.run(["list", "--database", own], { env })).toMatchObject({ code: 0 });
    const untrusted = await user.run(["list", "--database", own]);
    expect(untrusted).toMatchObject({ code: 77, stdout: "" });
    expect(untrusted.stderr).toMatch(/from an authority that is not trusted here/);
  });

  it.each([
    [
      "another name",
      (url: string, ca: string) => `${url.replace("localhost", "127.0.0.1")}?tls=verify&ca=${ca}`,
      77,
      /another host/,
    ],
    [
      "no such file",
      (url: string) => `${url}?tls=verify&ca=/nowhere/ca.pem`,
      78,
      /cannot be read: \/nowhere\/ca\.pem \(ENOENT\)/,
    ],
    ["a wrong wish", (url: string) => `${url}?tls=on`, 2, /tls is verify, verify-ca/],
    [
      "a database that there is not",
      (url: string) => url.replace(/\/\w+$/, "/nowhere"),
      77,
      /does not let this user/,
    ],
    ["a wrong password", (url: string) => url.replace(/:[^:@/]+@/, ":wrong@"), 77, /refuses the login/],
  ])("is refused with %s, in one line and with its own exit code", async (_what, change, code, words) => {
    await using user = new User();
    const database = change(plain, certificate.caFile);
    for (const command of [["list"], ["database", "status"], ["fetch", "pop3://a@127.0.0.1:1?tls=none"]]) {
      const ended = await user.run([...command, "--database", database]);
      expect(ended).toMatchObject({ code, stdout: "" });
      expect(ended.stderr).toMatch(words);
      expect(ended.stderr.split("\n").length).toBeLessThanOrEqual(3);
      expect(ended.stderr).not.toContain(new URL(plain).password);
    }
  });
});
