import { type ChildProcess, spawn } from "node:child_process";
import { type Pop3Server, simpleMail, startPop3Server } from "@mailonce/testkit";
import { beforeAll, expect, it } from "vitest";
import { BIN, build, User } from "./mailonce.ts";

beforeAll(build, 180_000);

const urlOf = (server: Pop3Server): string => `pop3://alice@127.0.0.1:${server.port}?tls=none`;

/** Runs the command on a pseudo-terminal of 100 columns, with the help of util-linux's `script`. */
class TerminalSession {
  readonly #child: ChildProcess;
  readonly #watching = new Set<() => void>();
  readonly ended: Promise<number | null>;
  output = "";

  constructor(user: User, parameters: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const words = [process.execPath, BIN, ...parameters].map((word) => `'${word}'`).join(" ");
    this.#child = spawn("script", ["-qefc", `stty cols 100 rows 24; exec ${words}`, "/dev/null"], {
      cwd: user.home,
      env: {
        PATH: process.env["PATH"],
        HOME: user.home,
        TMPDIR: user.home,
        TZ: "UTC",
        TERM: "xterm",
        ...env,
      },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.output += text;
      for (const look of this.#watching) look();
    });
    this.ended = new Promise((resolve) => {
      this.#child.on("close", resolve);
    });
  }

  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  shown(text: string): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!this.output.includes(text)) return;
        this.#watching.delete(look);
        resolve();
      };
      this.#watching.add(look);
      look();
    });
  }
}

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
  expect(terminal.output).toMatch(/[█░]{24} +\d+ %/);
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
  const rows = [...lines, ...check.output.split("\r\n").filter((line) => /^ +\d+ /.test(line))];
  expect(Math.max(...rows.map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(rows.filter((line) => line.endsWith("…"))).toHaveLength(50 + 60);
});
