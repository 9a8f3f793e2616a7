import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type Pop3Server, startPop3Server } from "@mailonce/testkit";
import { beforeAll, expect, it } from "vitest";
import { build, User } from "./mailonce.ts";

beforeAll(build, 180_000);

const urlOf = (server: Pop3Server): string => `pop3://alice@127.0.0.1:${server.port}?tls=none`;

async function serverWith(count: number): Promise<Pop3Server> {
  const server = await startPop3Server();
  server.maildrop.deliverAll(
    Array.from({ length: count }, (_, n) =>
      Buffer.from(`Subject: number ${n}\r\nFrom: a@example.org\r\n\r\n${n}\r\n`),
    ),
  );
  return server;
}

it.each(["SIGINT", "SIGTERM"] as const)(
  "%s ends a fetch cleanly: what is stored is kept, the rest comes next time",
  async (signal) => {
    await using server = await serverWith(20);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    server.faults = [{ at: { verb: "RETR", messageNumber: 15, times: 1 }, do: "hold", until: () => held }];
    await using user = new User();
    const running = user.start(["fetch", "--json", urlOf(server)]);
    await server.waitFor(({ sessions }) => (sessions[0]?.retrieved.length ?? 0) >= 14);
    running.child.kill(signal);
    const { code, json } = await running.ended;
    release();
    expect(code).toBe(130);
    const summary = json.at(-1);
    expect(summary).toMatchObject({ type: "summary", exitCode: 130, error: { code: "interrupted" } });
    const stored = json.filter(({ kind }) => kind === "stored").length;
    expect(summary).toMatchObject({ counts: { stored } });
    expect(server.sessions[0]).toMatchObject({ quit: false });

    expect((await user.run(["list", "--json"])).stdout.split("\n").length - 1).toBe(stored);
    const again = await user.run(["fetch", "--json", urlOf(server)]);
    expect(again.json.at(-1)).toMatchObject({ counts: { stored: 20 - stored, known: stored }, exitCode: 0 });
  },
);

it("a second Ctrl-C ends at once, whatever is being waited for", async () => {
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => sockets.add(socket.on("error", () => undefined)));
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  await using user = new User();
  const connected = once(silent, "connection");
  const running = user.start([
    "fetch",
    "--database",
    `mariadb://me:x@127.0.0.1:${port}/mail`,
    "pop3s://a@localhost",
  ]);
  await connected;
  running.child.kill("SIGINT");
  await running.shown("Ctrl-C again ends at once");
  running.child.kill("SIGINT");
  expect(await running.ended).toMatchObject({ code: 130 });
  for (const socket of sockets) socket.destroy();
  silent.close();
});

it("an interrupted fetch says what is kept and that the rest comes next time", async () => {
  await using server = await serverWith(2);
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  server.faults = [{ at: { verb: "UIDL" }, do: "hold", until: () => held }];
  await using user = new User();
  const running = user.start(["fetch", urlOf(server)]);
  await server.waitFor(() => server.count("UIDL") > 0);
  running.child.kill("SIGINT");
  const { code, stdout, stderr } = await running.ended;
  release();
  expect(code).toBe(130);
  expect(stdout).toContain("0 messages stored");
  expect(stdout).toContain("the rest comes next time");
  expect(stderr).toContain("interrupted");
});

it("a full disk behind standard output is an error, not a success", async () => {
  await using server = await serverWith(2);
  await using user = new User();
  for (const parameters of [["fetch", "--json"], ["fetch"], ["check"]]) {
    const ended = await user.run([...parameters, urlOf(server)], { stdout: "/dev/full" });
    expect(ended).toMatchObject({
      code: 73,
      stderr: "mailonce: cannot write to standard output: the disk is full\n",
    });
  }
  for (const parameters of [
    ["list"],
    ["--version"],
    ["help"],
    ["help", "criteria"],
    ["config", "check", "--help"],
  ])
    expect(await user.run(parameters, { stdout: "/dev/full" })).toMatchObject({
      code: 73,
      stdout: "",
      stderr: "mailonce: cannot write to standard output: the disk is full\n",
    });
});

it("a closed pipe ends quietly", async () => {
  await using server = await serverWith(400);
  await using user = new User();
  const fetch = user.start(["fetch", urlOf(server)]);
  fetch.child.stdout?.once("data", () => fetch.child.stdout?.destroy());
  expect(await fetch.ended).toMatchObject({ signal: null, stderr: "" });

  expect(await user.run(["fetch", urlOf(server)])).toMatchObject({ code: 0 });
  const list = user.start(["list", "--json"]);
  list.child.stdout?.once("data", () => list.child.stdout?.destroy());
  expect(await list.ended).toMatchObject({ code: 0, signal: null, stderr: "" });
});
