import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { freePort, makeCertificate, type Pop3Server, simpleMail, startPop3Server } from "@mailonce/testkit";
import { beforeAll, describe, expect, it } from "vitest";
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

async function serverWith(...subjects: string[]): Promise<Pop3Server> {
  const server = await startPop3Server();
  server.maildrop.deliverAll(subjects.map(mail));
  return server;
}

const urlOf = (server: { readonly port: number }, user = "alice"): string =>
  `pop3://${user}@127.0.0.1:${server.port}?tls=none`;

const NOTHING = { new: 0, stored: 0, known: 0, skipped: 0, waiting: 0, rebound: 0, deferred: 0, failed: 0 };

describe("JSON Lines", () => {
  it("of fetch are one outcome for each message and one summary, with exactly the fields of the contract", async () => {
    await using server = await serverWith("one", "two");
    server.maildrop.deliver(mail("odd"), { uniqueId: "\u00e9\u00ff 3" });
    await using user = new User();
    const { code, json, stderr } = await user.run(["fetch", "--json", urlOf(server)]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const maildrop = `alice@127.0.0.1:${server.port}`;
    const outcome = (messageNumber: number) => {
      const { uniqueId, bytes } = server.maildrop.messages[messageNumber - 1] ?? { uniqueId: "", bytes: [] };
      const id = expect.stringMatching(
        /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
      const fixed = { type: "outcome", kind: "stored", maildrop, reason: null };
      return { ...fixed, messageNumber, uniqueId, octets: bytes.length, id };
    };
    expect(json).toEqual([
      outcome(1),
      outcome(2),
      outcome(3),
      {
        type: "summary",
        maildrop,
        counts: { ...NOTHING, stored: 3 },
        warnings: [],
        exitCode: 0,
        error: null,
      },
    ]);
    expect(json[2]?.["uniqueId"]).toBe("\u00e9\u00ff 3");
  });

  it("of check name what is new; nothing is stored and no database made", async () => {
    await using server = await serverWith("one");
    await using user = new User();
    const { code, json } = await user.run(["check", "--json", urlOf(server)]);
    expect(code).toBe(0);
    expect(json).toMatchObject([
      { type: "outcome", kind: "new", messageNumber: 1, id: null, reason: null },
      { type: "summary", counts: { ...NOTHING, new: 1 }, exitCode: 0, error: null },
    ]);
    expect(existsSync(user.database)).toBe(false);
    expect(server.count("RETR")).toBe(0);
    expect(server.count("DELE")).toBe(0);
  });

  it("tell why a message was deferred; the rest is stored and the exit code is 65", async () => {
    await using server = await serverWith("one", "two", "three");
    server.maildrop.behaviour.refuse = (verb, messageNumber) =>
      verb === "RETR" && messageNumber === 2 ? "-ERR [SYS/TEMP] this one is being moved" : undefined;
    await using user = new User();
    const { code, json } = await user.run(["fetch", "--json", urlOf(server)]);
    expect(code).toBe(65);
    expect(json.filter(({ kind }) => kind === "stored").map(({ messageNumber }) => messageNumber)).toEqual([
      1, 3,
    ]);
    expect(json.find(({ kind }) => kind === "deferred")).toMatchObject({
      messageNumber: 2,
      id: null,
      reason: { code: expect.any(String), message: expect.stringContaining("being moved") },
    });
    expect(json.at(-1)).toMatchObject({
      type: "summary",
      counts: { ...NOTHING, stored: 2, deferred: 1 },
      exitCode: 65,
      error: null,
    });
  });

  it("end with one summary for each maildrop, and the worst exit code counts", async () => {
    await using server = await serverWith("one");
    server.addAccount("bob", "another");
    await using user = new User();
    const { code, json } = await user.run(["fetch", "--json", urlOf(server, "bob"), urlOf(server)]);
    expect(code).toBe(77);
    expect(json.filter(({ type }) => type === "summary")).toMatchObject([
      { maildrop: `bob@127.0.0.1:${server.port}`, exitCode: 77, error: { code: "login-refused" } },
      { maildrop: `alice@127.0.0.1:${server.port}`, counts: { stored: 1 }, exitCode: 0, error: null },
    ]);
    expect(json.at(-1)?.["type"]).toBe("summary");
  });

  it.each([
    ["without a password", ["--maildrop", "work"], { MAILONCE_PASSWORD: undefined }, 78],
    ["with a database that does not exist and cannot be made", ["--database", "sqlite:/dev/null/x"], {}, 69],
    ["with a wrong database URL", ["--database", "postgres://x"], {}, 2],
    ["with a missing certificate file", ["--ca", "missing.pem"], {}, 78],
  ])("end with a summary %s", async (_why, options, env, exitCode) => {
    await using user = new User();
    const ended = await user.run(["fetch", "--json", ...options, "pop3://alice@127.0.0.1:1"], { env });
    expect(ended.code).toBe(exitCode);
    const maildrop = options[0] === "--maildrop" ? "work" : "alice@127.0.0.1:1";
    expect(ended.json).toEqual([
      {
        type: "summary",
        maildrop,
        counts: NOTHING,
        warnings: [],
        exitCode,
        error: { code: expect.any(String), message: expect.any(String) },
      },
    ]);
  });
});

describe("a failure", () => {
  /** One clear line, no secret, nothing stored. */
  async function expectFailure(ended: Ended, code: number, part: string): Promise<void> {
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({
      code,
      stderr: expect.stringContaining(part),
    });
    const lines = ended.stderr.trimEnd().split("\n");
    expect(lines.filter((line) => !/warning:|^Try: /.test(line))).toHaveLength(1);
    expect(lines[0]).toMatch(/^mailonce: /);
    expect(ended.stderr + ended.stdout).not.toMatch(/s3cret|secret| {4}at /);
  }

  async function expectNothingStored(user: User, server: Pop3Server): Promise<void> {
    const { stdout } = await user.run(["list", "--json"]);
    expect(stdout).toBe("");
    expect(server.sessions.some(({ quit, retrieved }) => quit && retrieved.length > 0)).toBe(false);
  }

  it("to log in says so and ends with 77, after one attempt", async () => {
    await using server = await serverWith("one");
    await using user = new User();
    const env = { MAILONCE_PASSWORD: "s3cret-but-wrong" };
    await expectFailure(await user.run(["fetch", urlOf(server)], { env }), 77, "check user and password");
    expect(server.sessions).toHaveLength(1);
    await expectNothingStored(user, server);
  });

  it("to find the host ends with 69", async () => {
    await using user = new User();
    await expectFailure(
      await user.run(["fetch", "pop3s://alice@no-such-host.invalid"]),
      69,
      "no-such-host.invalid",
    );
  });

  it("to connect ends with 69", async () => {
    await using user = new User();
    const port = await freePort();
    await expectFailure(
      await user.run(["fetch", `pop3s://alice@127.0.0.1:${port}`]),
      69,
      "refuses the connection",
    );
  });

  it("to trust the certificate ends with 77; --ca FILE makes it trusted", async () => {
    await using server = await startPop3Server({ security: "tls" });
    server.maildrop.deliver(mail("one"));
    await using user = new User();
    const url = `pop3s://alice@localhost:${server.port}`;
    await expectFailure(await user.run(["fetch", url]), 77, "--ca FILE");
    expect(server.sessions.every(({ loggedIn }) => !loggedIn)).toBe(true);
    const trusting = await user.run(["fetch", "--ca", server.certificate?.caFile ?? "", url]);
    expect(trusting).toMatchObject({ code: 0, stderr: "" });
    expect(trusting.stdout).toContain("1 message stored");
  });

  it("to trust a certificate that has expired, or is another host's, says which", async () => {
    await using expired = makeCertificate({ expired: true });
    await using another = makeCertificate({ names: ["mail.example.net"] });
    await using user = new User();
    for (const [certificate, part] of [
      [expired, "has expired"],
      [another, "another host name"],
    ] as const) {
      await using server = await startPop3Server({ security: "tls", certificate });
      const ended = await user.run([
        "fetch",
        "--ca",
        certificate.caFile,
        `pop3s://alice@localhost:${server.port}`,
      ]);
      await expectFailure(ended, 77, part);
    }
  });

  it("to get STLS ends with 77, and the password is not sent", async () => {
    await using server = await serverWith("one");
    await using user = new User();
    await expectFailure(await user.run(["fetch", `pop3://alice@127.0.0.1:${server.port}`]), 77, "STLS");
    expect(server.sessions.flatMap(({ commands }) => commands)).not.toContain("PASS ***");
  });

  it("of a server that closes in the middle of a message ends with 69, without a part of it", async () => {
    await using server = await serverWith("one", "two");
    server.faults = [{ at: { verb: "RETR", afterOctets: 100 }, do: "close" }];
    await using user = new User();
    await expectFailure(
      await user.run(["fetch", "--limit", "1", urlOf(server)]),
      69,
      "closed the connection",
    );
    await expectNothingStored(user, server);
  });

  it("of a server that is busy ends with 75", async () => {
    await using server = await serverWith("one");
    server.faults = [{ at: { verb: "PASS" }, do: "reply", text: "-ERR [IN-USE] another session" }];
    await using user = new User();
    await expectFailure(await user.run(["fetch", urlOf(server)]), 75, "in use by another session");
  });

  it("of something that is no POP3 server ends with 69", async () => {
    const server = createServer((socket) => socket.end("220 smtp.example.org ESMTP\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      await using user = new User();
      const address = server.address();
      const port = typeof address === "object" ? (address?.port ?? 0) : 0;
      await expectFailure(await user.run(["fetch", urlOf({ port })]), 69, "no POP3 server");
    } finally {
      server.close();
    }
  });

  it("to write the database ends with 69", async () => {
    await using server = await serverWith("one");
    await using user = new User();
    await writeFile(join(user.home, "file"), "");
    await mkdir(join(user.home, "folder.sqlite"));
    await writeFile(
      join(user.home, "noise.sqlite"),
      "this is no database, however long it may be made to look",
    );
    for (const file of ["file/below", "folder.sqlite", "noise.sqlite"]) {
      const ended = await user.run(["fetch", "--database", `sqlite:${file}`, urlOf(server)]);
      await expectFailure(ended, 69, file);
    }
    const port = await freePort();
    const env = { MAILONCE_DATABASE_PASSWORD: "s3cret" };
    const away = await user.run(
      ["fetch", "--database", `mariadb://me@127.0.0.1:${port}/mail`, urlOf(server)],
      { env },
    );
    await expectFailure(away, 69, "refuses connections");
    expect(server.count("RETR")).toBe(0);
  });

  it("to have a password ends with 78, before anything is opened", async () => {
    await using server = await serverWith("one");
    await using user = new User();
    const without = await user.run(["fetch", urlOf(server)], { env: { MAILONCE_PASSWORD: undefined } });
    await expectFailure(without, 78, "--password-stdin");
    await expectFailure(await user.run(["fetch", "--password-stdin", urlOf(server)]), 78, "is empty");
    const twoLines = await user.run(["fetch", "--password-stdin", urlOf(server)], {
      stdin: "s3cret\nDELE 1\n",
    });
    await expectFailure(twoLines, 78, "line break");
    expect(server.sessions).toHaveLength(0);
    expect(existsSync(user.database)).toBe(false);
  });

  it.each([
    [["fetch", "pop3s://alice:s3cret@mail.example.org"], "--password-stdin"],
    [["fetch", "pop3s://mail.example.org"], "no user"],
    [["fetch", "mail.example.org"], "pop3s://USER@HOST"],
    [["check", "pop3s://alice@mail.example.org?x=1"], "only query"],
    [["list", "pop3s://alice@mail.example.org/x"], "no path"],
    [["fetch"], "there is no accounts file"],
    [["fetch", "--limit", "0", "pop3s://a@b"], "whole number from 1"],
    [["fetch", "--wait", "5x", "pop3s://a@b"], "It must be seconds, or a duration"],
    [["fetch", "--max-octets", "0", "pop3s://a@b"], "whole number from 1"],
    [["fetch", "--max-octets", "1T", "pop3s://a@b"], "k, M or G"],
    [["check", "--wait", "pop3s://a@b"], "unknown option"],
    [["baseline", "--limit", "1", "pop3s://a@b"], "unknown option"],
    [["baseline", "pop3s://a:s3cret@b"], "--password-stdin"],
    [["deferred", "list", "pop3s://a@b/x"], "no path"],
    [["deferred", "nonsense"], "unknown command"],
    [["fetch", "--nonsense", "pop3s://a@b"], "unknown option"],
    [["fetch", "--maildrop", "x", "pop3s://a@b", "pop3s://c@d"], "--maildrop"],
    [["fetch", "pop3s://a@b", "pop3s://c:s3cret@d"], "URL 2 of 2"],
    [["list", "--database", "mysql://a:s3cret@b"], "database"],
    [["export"], "--to"],
    [["export", "--to", "x", "--format", "pst"], "eml"],
    [["export", "--to", "-"], "--to takes its name"],
    [["export", "--to", "x", "--raw"], "jsonl"],
    [["export", "--to", "-", "--format", "mbox", "--new", "x"], "--new takes a file"],
    [["export", "--to", "-", "--format", "mbox", "--json"], "--json"],
    [["export", "--forget", "x", "--to", "y"], "--forget"],
    [["nonsense"], "unknown command"],
  ])("of the command line %j ends with 2 and says where help is", async (parameters, part) => {
    await using user = new User();
    const ended = await user.run(parameters);
    await expectFailure(ended, 2, part);
    expect(ended.stderr).toContain("--help");
    expect(ended.stdout).toBe("");
  });
});
