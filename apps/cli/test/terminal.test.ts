import { type Pop3Server, simpleMail, startPop3Server } from "@mailonce/testkit";
import { beforeAll, expect, it } from "vitest";
import { build, User } from "./mailonce.ts";
import { screenOf, TerminalSession } from "./terminal-session.ts";

beforeAll(build, 180_000);

const urlOf = (server: Pop3Server): string => `pop3://alice@127.0.0.1:${server.port}?tls=none`;

async function serverWith(count: number): Promise<Pop3Server> {
  const server = await startPop3Server();
  for (let n = 1; n <= count; n++) {
    server.maildrop.deliver(
      simpleMail({
        from: "A sender with quite a long name <sender@example.org>",
        to: "alice@example.org",
        subject: `Message ${n} has a subject that is longer than what a line of the terminal has room for`,
        date: new Date(Date.UTC(2026, 4, n)),
        body: "text",
      }),
    );
  }
  return server;
}

it("asks for the password without showing it, and draws a progress bar", async () => {
  await using server = await serverWith(5);
  await using user = new User();
  const terminal = new TerminalSession(user, ["fetch", urlOf(server)]);
  server.faults = [
    { at: { verb: "RETR", messageNumber: 3, times: 1 }, do: "hold", until: () => terminal.shown("%") },
  ];
  await terminal.shown("Password for alice@127.0.0.1");
  terminal.type("wronx\u007f\u0015secrex\u007ft\r");
  expect(await terminal.ended).toBe(0);
  expect(terminal.output).toMatch(/[█▒░]{24} +\d+ %/);
  expect(terminal.output).toContain("5 messages stored");
  expect(terminal.output).not.toContain("secre");
});

it("Ctrl-C at the prompt ends with 130", async () => {
  await using server = await serverWith(1);
  await using user = new User();
  const terminal = new TerminalSession(user, ["fetch", urlOf(server)]);
  await terminal.shown("Password for");
  terminal.type("sec\u0003");
  expect(await terminal.ended).toBe(130);
  expect(server.sessions).toHaveLength(0);
});

it("fits its tables to the terminal, at most 50 lines, and uses bold only where colours are wanted", async () => {
  await using server = await serverWith(60);
  await using user = new User();
  const env = { MAILONCE_PASSWORD: "secret" };
  const check = new TerminalSession(user, ["check", urlOf(server)], env);
  expect(await check.ended).toBe(0);
  expect(await new TerminalSession(user, ["fetch", urlOf(server)], env).ended).toBe(0);
  const list = new TerminalSession(user, ["list"]);
  expect(await list.ended).toBe(0);
  const plain = new TerminalSession(user, ["list"], { NO_COLOR: "1" });
  expect(await plain.ended).toBe(0);

  expect(list.output).toContain("\u001b[1mID");
  expect(plain.output).not.toContain("\u001b");
  const lines = plain.output.trimEnd().split("\r\n");
  expect(lines).toHaveLength(1 + 50 + 1);
  expect(lines.at(-1)).toContain("--limit N");
  const rows = [...lines, ...screenOf(check.output).filter((line) => /^ +\d+ /.test(line))];
  expect(Math.max(...rows.map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(rows.filter((line) => line.endsWith("…"))).toHaveLength(50 + 60);
});

it("sums a long fetch up: the first lines, how many more, the last few, and all of them where that is asked for", async () => {
  await using server = await serverWith(60);
  const env = { MAILONCE_PASSWORD: "secret", NO_COLOR: "1" };
  const linesOf = (output: string): readonly string[] =>
    screenOf(output).filter((line) => /^[0-9a-f]{12} /.test(line));
  await using user = new User();
  const summed = new TerminalSession(user, ["fetch", urlOf(server)], env, { columns: 100, rows: 80 });
  expect(await summed.ended).toBe(0);
  expect(linesOf(summed.output)).toHaveLength(20 + 3);
  expect(linesOf(summed.output).at(-1)).toContain("2026-06-29");
  const screen = screenOf(summed.output);
  expect(screen.some((line) => line.includes("… 37 messages more (--verbose shows all) …"))).toBe(true);
  expect(screen.findLast((line) => line !== "")).toContain("60 messages stored");

  await using other = new User();
  const whole = new TerminalSession(other, ["fetch", "--verbose", urlOf(server)], env, { columns: 100 });
  expect(await whole.ended).toBe(0);
  expect(linesOf(whole.output)).toHaveLength(60);

  await using piped = new User();
  const file = await piped.run(["fetch", urlOf(server)], { env });
  expect(file.stdout.trimEnd().split("\n")).toHaveLength(60 + 1);
});

it("on a terminal of a few columns shows id and subject, and its status leaves nothing behind", async () => {
  await using server = await serverWith(2);
  await using user = new User();
  const env = { MAILONCE_PASSWORD: "secret", NO_COLOR: "1" };
  const size = { columns: 24 };
  expect(await new TerminalSession(user, ["fetch", urlOf(server)], env, size).ended).toBe(0);
  const list = new TerminalSession(user, ["list"], env, size);
  expect(await list.ended).toBe(0);
  const lines = list.output.trimEnd().split("\r\n");
  expect(lines[0]).toBe("ID            SUBJECT");
  for (const line of lines.slice(1)) expect(line).toMatch(/^[0-9a-f]{12} {2}Message .…$/);
  const doctor = new TerminalSession(user, ["doctor", urlOf(server)], env, size);
  await doctor.ended;
  expect(screenOf(doctor.output, size)[0]).toBe(urlOf(server).slice("pop3://".length, -"?tls=none".length));
});

it("while several accounts are fetched each has its line, at most as many as the terminal is high", async () => {
  await using user = new User();
  await using server = await startPop3Server();
  const names = Array.from({ length: 12 }, (_, n) => `account-${n + 1}`);
  for (const name of names)
    server
      .addAccount(name, "secret")
      .deliver(
        simpleMail({ from: "a@b.example", to: "c@d.example", subject: name, date: new Date(0), body: name }),
      );
  const lines = names.map(
    (name) => `  ${name}: { url: "pop3://${name}@127.0.0.1:${server.port}?tls=none" }\n`,
  );
  user.write("mailonce.yaml", `concurrency: 10\naccounts:\n${lines.join("")}`);
  const size = { columns: 60, rows: 8 };
  const terminal = new TerminalSession(user, ["fetch"], { MAILONCE_PASSWORD: "secret" }, size);
  server.faults = [
    { at: { verb: "RETR", times: 10 }, do: "hold", until: () => terminal.shown("and 5 more") },
  ];
  await terminal.shown("and 5 more");
  const screen = screenOf(terminal.output, size);
  const status = screen.slice(screen.findIndex((line) => line.startsWith("account-")));
  expect(status.length).toBeLessThanOrEqual(7);
  expect(status[0]).toMatch(/^account-\d+ +[█░a-z]/);
  expect(status.at(-1)).toMatch(/^\d+ of 12 accounts done$/);
  expect(await terminal.ended).toBe(0);
  const end = screenOf(terminal.output, size).filter((line) => line !== "");
  // Results only: the status has gone.
  expect(end.filter((line) => /accounts done|[█░]|and 5 more/.test(line))).toEqual([]);
  expect(end.at(-1)).toMatch(/^12 accounts: 12 messages stored/);
  expect(end.filter((line) => /^account-\d+: 1 message stored/.test(line))).toHaveLength(12);
});
