import {
  appendFileSync,
  existsSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { HeldExport, openDatabase } from "@mailonce/runtime";
import { startPop3Server } from "@mailonce/testkit";
import { beforeAll, expect, it } from "vitest";
import { build, type Ended, User } from "./mailonce.ts";

beforeAll(build, 180_000);

const note = (subject: string): Uint8Array => Buffer.from(`Subject: ${subject}\r\n\r\nx\r\n`);

/** Fetches messages with these subjects into the user's database, after those that are there. */
async function fetched(user: User, subjects: readonly string[]): Promise<void> {
  await using server = await startPop3Server();
  server.maildrop.deliverAll(subjects.map(note));
  const url = `pop3://alice@127.0.0.1:${server.port}?tls=none`;
  expect(await user.run(["fetch", "--maildrop", subjects.join(), "--apart", url])).toMatchObject({ code: 0 });
}

/** The subjects in the file, in their order. */
const subjectsIn = (user: User, file: string): readonly string[] =>
  [
    ...user
      .file(file)
      .toString()
      .matchAll(/^Subject: (.*)$/gm),
  ].map(([, subject = ""]) => subject);

it("goes on with its file where the last run ended, and with no other than that", async () => {
  await using user = new User();
  await fetched(user, ["one", "two"]);
  const run = (to = "new.mbox", ...more: string[]): Promise<Ended> =>
    user.run(["export", "--format", "mbox", "--to", to, "--new", "nightly", ...more]);
  const path = join(user.home, "new.mbox");
  writeFileSync(join(user.home, "other"), "x");
  expect(await run("other")).toMatchObject({ code: 73, stderr: expect.stringContaining("something else") });
  expect((await run()).stdout).toMatch(/^2 messages/);
  await fetched(user, ["three"]);
  const whole = user.file("new.mbox");

  const refused = async (what: string): Promise<void> => {
    expect(await run()).toMatchObject({ code: 73, stdout: "", stderr: expect.stringContaining(what) });
    writeFileSync(path, whole);
  };
  appendFileSync(path, "From me\n");
  await refused("longer");
  truncateSync(path, 10);
  await refused("shorter");
  writeFileSync(
    path,
    whole.map((octet) => octet ^ 1),
  );
  await refused("another one");
  unlinkSync(path);
  await refused("gone");

  expect((await run()).stdout).toMatch(/^1 message written/);
  expect(subjectsIn(user, "new.mbox")).toEqual(["one", "two", "three"]);
  await fetched(user, ["four"]);
  expect((await run("next.mbox")).stdout).toMatch(/^1 message written/);
  expect(subjectsIn(user, "next.mbox")).toEqual(["four"]);

  expect(await user.run(["export", "--forget", "nihgtly"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("nightly"),
  });
  expect(await user.run(["export", "--forget", "nightly"])).toMatchObject({ code: 0 });
  expect((await run("again.mbox")).stdout).toMatch(/^4 messages written/);
}, 180_000);

it("cuts off what a run has left that was killed, and goes on nowhere else before", async () => {
  await using user = new User();
  await fetched(user, ["one", "two"]);
  const run = (to: string, ...more: string[]): Promise<Ended> =>
    user.run(["export", "--format", "mbox", "--to", to, "--new", "nightly", ...more]);
  await run("new.mbox", "--limit", "1");
  // As a kill leaves it while the second message is being written.
  appendFileSync(join(user.home, "new.mbox"), "From MAILER-DAEMON Sat May  2 03:04:05 2026\nSubject: tw");
  await using store = await openDatabase(`sqlite:${user.database}`, {});
  await store.dataSource.query("UPDATE mailonce_export SET ended_cleanly = 0");
  expect(await run("elsewhere.mbox")).toMatchObject({
    code: 73,
    stderr: expect.stringContaining("broke off"),
  });
  expect((await run("new.mbox")).stdout).toMatch(/^1 message written/);
  expect(subjectsIn(user, "new.mbox")).toEqual(["one", "two"]);

  await using held = await HeldExport.take(store, "nightly");
  expect(held.progress).toMatchObject({ endedCleanly: true, fileOctets: user.file("new.mbox").length });
  expect(await run("new.mbox")).toMatchObject({ code: 75, stderr: expect.stringContaining("is writing") });
  expect(await user.run(["export", "--forget", "nightly"])).toMatchObject({ code: 75 });
}, 180_000);

it("delivers a message once into a Maildir, although it was moved, or not noted when it was killed", async () => {
  await using user = new User();
  await fetched(user, ["one", "two", "three"]);
  const run = (): Promise<Ended> =>
    user.run(["export", "--format", "maildir", "--to", "box", "--new", "nightly"]);
  const box = join(user.home, "box");
  await run();
  await using store = await openDatabase(`sqlite:${user.database}`, {});
  await store.dataSource.query("DELETE FROM mailonce_exported_message");
  const [first = "", second = ""] = readdirSync(join(box, "new"));
  renameSync(join(box, "new", first), join(box, "cur", `${first}:2,FS`));
  expect((await run()).stdout).toMatch(/^0 messages written to .*, 3 there already/);
  rmSync(join(box, "new", second));
  expect((await run()).stdout).toMatch(/^0 messages written to [^,]*$/m);
  expect(readdirSync(join(box, "new"))).toHaveLength(1);
}, 180_000);

it.each(["mbox", "maildir"])(
  "Ctrl-C ends an export to %s after a message, and the rest comes next time",
  async (format) => {
    await using user = new User();
    await using server = await startPop3Server();
    const subjects = Array.from({ length: 3000 }, (_, n) => `number ${n}`);
    server.maildrop.deliverAll(subjects.map(note));
    expect(await user.run(["fetch", `pop3://alice@127.0.0.1:${server.port}?tls=none`])).toMatchObject({
      code: 0,
    });
    const command = ["export", "--format", format, "--to", "out", "--new", "nightly", "--json"];
    const path = join(user.home, "out");
    const running = user.start(command);
    /** A message is written: the mbox file has octets, or there is a file in the Maildir. */
    const hasBegun = (): boolean => {
      if (!existsSync(format === "mbox" ? path : join(path, "new"))) return false;
      return format === "mbox" ? statSync(path).size > 0 : readdirSync(join(path, "new")).length > 0;
    };
    while (!hasBegun()) await sleep(1);
    running.child.kill("SIGINT");
    const first = await running.ended;
    expect(first.code).toBe(130);
    const second = await user.run(command);
    expect(second).toMatchObject({ code: 0, stderr: "" });
    const told = [first, second].map(({ json }) => json.flatMap(({ id }) => id ?? []));
    expect(told[1]?.length).toBeGreaterThan(0);
    expect(new Set(told.flat()).size).toBe(subjects.length);
    expect(told.flat()).toHaveLength(subjects.length);
    if (format === "mbox") expect(subjectsIn(user, "out")).toEqual(subjects);
    else expect(readdirSync(join(path, "new"))).toHaveLength(subjects.length);
  },
);
