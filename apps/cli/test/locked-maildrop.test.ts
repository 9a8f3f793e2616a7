import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Pop3Server, simpleMail, startPop3Server } from "@mailonce/testkit";
import { sharedMariaDb } from "@mailonce/testkit/vitest";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { build, type Ended, User } from "./mailonce.ts";

beforeAll(build, 180_000);

// Many commands, one after the other.
vi.setConfig({ testTimeout: 180_000 });

const urlOf = ({ port }: Pop3Server): string => `pop3://alice@127.0.0.1:${port}?tls=none`;

async function serverWithMail(): Promise<Pop3Server> {
  const server = await startPop3Server();
  deliver(server, "one");
  return server;
}

function deliver(server: Pop3Server, subject: string): void {
  const people = { from: "a@example.org", to: "b@example.org" };
  server.maildrop.deliver(simpleMail({ ...people, subject, date: new Date(0), body: subject }));
}

/** From now on the server answers PASS so. */
function refuse(server: Pop3Server, answer: string): void {
  server.maildrop.behaviour.refusals = { PASS: answer };
}

function admit(server: Pop3Server): void {
  delete server.maildrop.behaviour.refusals;
}

/** As the process sees it, its clock is so many hours ahead. */
function hoursLater(hours: number): Readonly<Record<string, string>> {
  const script = pathToFileURL(join(import.meta.dirname, "../../worker/test/set-clock-back.mjs")).href;
  return { NODE_OPTIONS: `--import ${script}`, CLOCK_BACK_MS: String(-hours * 3_600_000) };
}

const BOTH = /another program may be using the maildrop, or the password was changed/;

function error(ended: Ended): unknown {
  const { exitCode, error: reason } = ended.json.at(-1) ?? {};
  return [ended.code, exitCode, (reason as { code?: string } | null)?.code];
}

describe("a maildrop that another program holds locked, on a server without response codes,", () => {
  it.each([
    ["-ERR maildrop already locked"],
    ["-ERR Your mailbox is already locked"],
    ["-ERR login allowed only every 15 minutes"],
    ["-ERR Postfach ist gesperrt"],
    ["-ERR"],
  ])("that says %j, is busy to every command, where the same login worked before", async (answer) => {
    await using server = await serverWithMail();
    await using user = new User();
    expect(await user.run(["fetch", urlOf(server)])).toMatchObject({ code: 0 });
    refuse(server, answer);
    for (const command of ["fetch", "check", "baseline"]) {
      const ended = await user.run([command, "--json", urlOf(server)]);
      expect(error(ended)).toEqual([75, 75, "login-in-doubt"]);
      expect(ended.stderr).toMatch(BOTH);
    }
    const where = ["--where", "subject:one"];
    const explained = await user.run(["explain", ...where, urlOf(server)]);
    expect(explained).toMatchObject({ code: 75, stderr: expect.stringMatching(BOTH) });
    const doctor = await user.run(["doctor", "--json", urlOf(server)]);
    expect(doctor.code).toBe(75);
    expect(doctor.stdout).toMatch(BOTH);
    admit(server);
    deliver(server, "two");
    expect(await user.run(["fetch", urlOf(server)])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("1 message stored"),
    });
  });

  it("is no longer taken for busy after twelve logins; the count begins anew when a login has worked", async () => {
    await using server = await serverWithMail();
    await using user = new User();
    for (let time = 0; time < 2; time++) {
      admit(server);
      expect(await user.run(["fetch", urlOf(server)])).toMatchObject({ code: 0 });
      refuse(server, "-ERR maildrop already locked");
      for (let n = 0; n < 12; n++) expect((await user.run(["fetch", urlOf(server)])).code).toBe(75);
      // Who only looks is told what a fetch would be told, and counts for nothing.
      for (const command of ["check", "doctor"])
        expect((await user.run([command, urlOf(server)])).code).toBe(77);
      const last = await user.run(["fetch", "--json", urlOf(server)]);
      expect(error(last)).toEqual([77, 77, "login-refused"]);
      expect(last.stderr).toMatch(BOTH);
    }
  });

  it("is no longer taken for busy after 24 hours", async () => {
    await using server = await serverWithMail();
    await using user = new User();
    const fetch = async (hours: number) =>
      (await user.run(["fetch", urlOf(server)], { env: hoursLater(hours) })).code;
    expect(await fetch(0)).toBe(0);
    refuse(server, "-ERR maildrop already locked");
    expect([await fetch(100), await fetch(123), await fetch(124.1)]).toEqual([75, 75, 77]);
    admit(server);
    expect(await fetch(125)).toBe(0);
    refuse(server, "-ERR maildrop already locked");
    expect(await fetch(126)).toBe(75);
  });

  it("is told from a wrong password, which never worked, and from a refusal with a reason", async () => {
    await using server = await serverWithMail();
    await using user = new User();
    const fetch = async (password = "secret") =>
      error(await user.run(["fetch", "--json", urlOf(server)], { env: { MAILONCE_PASSWORD: password } }));
    refuse(server, "-ERR no");
    expect(await fetch()).toEqual([77, 77, "login-refused"]);
    admit(server);
    expect(await fetch()).toEqual([0, 0, undefined]);
    refuse(server, "-ERR no");
    expect(await fetch("another")).toEqual([77, 77, "login-refused"]);
    refuse(server, "-ERR [AUTH] no");
    expect(await fetch()).toEqual([77, 77, "login-refused"]);
    refuse(server, "-ERR [IN-USE] no");
    expect(await fetch()).toEqual([75, 75, "in-use"]);
    refuse(server, "-ERR no");
    expect(await fetch()).toEqual([75, 75, "login-in-doubt"]);
  });

  it("is known by the password that worked last, wherever it was changed; by none that a command gives", async () => {
    await using server = await serverWithMail();
    await using user = new User();
    const file = join(user.home, "password");
    const write = (password: string): void => {
      writeFileSync(file, `${password}\n`, { mode: 0o600 });
      // Long ago, as its times say: who trusts them would not look.
      utimesSync(file, 1000, 1000);
    };
    write("first");
    user.write(
      "mailonce.yaml",
      `accounts:
  file: { url: "${urlOf(server)}", password: { file: password } }
  command: { url: "${urlOf(server).replace("alice", "bob")}", password: { command: echo secret } }
`,
    );
    server.addAccount("alice", "first", server.maildrop);
    server
      .addAccount("bob", "secret", server.maildrop.behaviour)
      .deliver(Buffer.from("Subject: b\r\n\r\nb\r\n"));
    const fetch = async (...parameters: string[]) => (await user.run(["fetch", ...parameters])).code;
    expect([await fetch("file"), await fetch("command")]).toEqual([0, 0]);
    server.addAccount("alice", "second", server.maildrop);
    write("second");
    expect(await fetch("file")).toBe(0);
    refuse(server, "-ERR maildrop already locked");
    expect(await fetch("file")).toBe(75);
    write("first");
    expect(await fetch("file")).toBe(77);
    admit(server);
    server.addAccount("bob", "other");
    server.faults = [{ at: { verb: "PASS" }, do: "reply", text: "-ERR maildrop already locked" }];
    expect(await fetch("command")).toBe(77);
    write("second");
    const onStandardInput = await user.run(["fetch", "--password-stdin", "file"], { stdin: "second\n" });
    expect(onStandardInput.code).toBe(75);
  });

  it("is waited for where a session has just broken, as one that says [IN-USE] is", async () => {
    await using server = await serverWithMail();
    for (const subject of ["two", "three", "four"]) deliver(server, subject);
    server.faults = [
      { at: { verb: "RETR", nth: 2, connection: 1 }, do: "reset" },
      { at: { verb: "PASS", connection: 2 }, do: "reply", text: "-ERR maildrop already locked" },
    ];
    await using user = new User();
    user.write(
      "mailonce.yaml",
      `accounts: { work: { url: "${urlOf(server)}", password: { command: echo secret } } }\n`,
    );
    const ended = await user.run(["fetch", "--json"]);
    expect(ended.json.at(-1)).toMatchObject({ exitCode: 0, counts: { stored: 4 } });
    expect(server.sessions).toHaveLength(3);
  });

  it("is told with the provider's words, and never with the password", async () => {
    await using server = await serverWithMail();
    await using user = new User();
    const database = ["--database", (await sharedMariaDb().createDatabase()).mariadbUrl];
    await user.run(["fetch", ...database, urlOf(server)]);
    refuse(server, "-ERR locked, secret");
    const ended = await user.run(["fetch", ...database, urlOf(server)]);
    expect(ended).toMatchObject({ code: 75, stdout: "" });
    expect(ended.stderr).toContain("(it says: locked, ");
    expect(ended.stderr).not.toContain("secret");
  });
});
