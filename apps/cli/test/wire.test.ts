import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Dovecot,
  sampleMail,
  startDovecot,
  startHttpProxy,
  startPop3Server,
  startSocksProxy,
} from "@mailonce/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { build, User } from "./mailonce.ts";

beforeAll(build, 180_000);

let dovecot: Dovecot;
beforeAll(async () => {
  dovecot = await startDovecot();
  await dovecot.deliver("alice", sampleMail(30));
});
afterAll(() => dovecot.stop());

const login = { user: "joe", password: "pr0xyword" };

it.each([
  ["socks5", startSocksProxy],
  ["http", startHttpProxy],
] as const)("fetches through a proxy that asks for a login (%s)", async (scheme, start) => {
  await using proxy = await start({ login });
  await using user = new User();
  const url = `pop3s://alice@localhost:${dovecot.pop3sPort}`;
  const through = `${scheme}://joe@127.0.0.1:${proxy.port}`;
  const run = (command: string, proxyUrl: string, password: string | undefined) =>
    user.run([command, "--proxy", proxyUrl, "--ca", dovecot.caFile, url], {
      env: { MAILONCE_PROXY_PASSWORD: password },
    });
  expect(await run("fetch", through, login.password)).toMatchObject({ code: 0, stderr: "" });
  const doctor = await run("doctor", through, login.password);
  expect(doctor.code).toBe(0);
  expect(doctor.stdout).toContain(`reached through ${scheme}://127.0.0.1:${proxy.port}`);
  const wrong = await run("check", through, "hunter2");
  expect(wrong).toMatchObject({ code: 77 });
  expect(wrong.stderr).toContain("refused the user or the password");
  const none = await run("check", through.replace("joe@", ""), undefined);
  expect(none).toMatchObject({ code: 77 });
  expect(none.stderr).toContain("MAILONCE_PROXY_PASSWORD");
  const inUrl = await run("check", through.replace("joe@", "joe:hunter2@"), undefined);
  expect(inUrl).toMatchObject({ code: 2 });
  for (const { stdout, stderr } of [doctor, wrong, none, inUrl]) {
    expect(stdout + stderr).not.toMatch(/pr0xyword|hunter2/);
  }

  // The same from an accounts file.
  const file = [
    "accounts:",
    "  home:",
    `    url: ${url}`,
    `    ca: ${dovecot.caFile}`,
    `    maildrop: alice@localhost:${dovecot.pop3sPort}`,
    `    proxy: ${through}`,
    "",
  ];
  writeFileSync(join(user.home, "mailonce.yaml"), file.join("\n"));
  const again = await user.run(["fetch", "home"], { env: { MAILONCE_PROXY_PASSWORD: login.password } });
  expect(again).toMatchObject({ code: 0, stderr: "" });
  await proxy.stop();
  const gone = await user.run(["fetch", "home"], { env: { MAILONCE_PROXY_PASSWORD: login.password } });
  expect(gone).toMatchObject({ code: 69 });
  expect(gone.stderr).toContain(`${scheme}://127.0.0.1:${proxy.port} cannot be reached`);
  expect(await user.run(["fetch", "--proxy", "none", "home"])).toMatchObject({ code: 0, stderr: "" });
});

it("shows what goes over the wire, without password and mail", async () => {
  await using user = new User();
  const url = `pop3s://alice@localhost:${dovecot.pop3sPort}`;
  const { code, stdout, stderr } = await user.run([
    "fetch",
    "--verbose",
    "--json",
    "--ca",
    dovecot.caFile,
    url,
  ]);
  expect(code).toBe(0);
  expect(stdout).not.toContain("< +OK");
  const lines = stderr.split("\n");
  for (const line of ["> CAPA", "> USER alice", "> PASS ****", "> STAT", "> UIDL", "> RETR 1", "> QUIT"]) {
    expect(lines).toContain(line);
  }
  expect(lines).toContain("< SASL PLAIN LOGIN");
  expect(stderr).toMatch(/^< \(\d+ octets of mail\)$/m);
  // 30 listed, the first ten shown; twice, by UIDL and by LIST.
  expect(lines.filter((line) => line === "< (20 more lines)")).toHaveLength(2);
  expect(stderr).not.toMatch(/secret|Subject:|Received:/i);
});

it("shows of no login what it is made of", async () => {
  await using server = await startPop3Server({ mechanisms: ["PLAIN", "LOGIN"], apop: "<1.2@example.org>" });
  await using user = new User();
  writeFileSync(
    join(user.home, "mailonce.yaml"),
    [
      "accounts:",
      ...["PLAIN", "LOGIN", "APOP"].flatMap((name) => [
        `  ${name.toLowerCase()}:`,
        `    url: pop3://alice@127.0.0.1:${server.port}?tls=none`,
        `    mechanisms: [${name}]`,
      ]),
      "",
    ].join("\n"),
  );
  const { code, stderr } = await user.run(["check", "--verbose", "--concurrency", "1"]);
  expect(code, stderr).toBe(0);
  const base64 = (text: string): string => Buffer.from(text).toString("base64").replace(/=+$/, "");
  for (const secret of ["secret", base64("secret"), base64("\0alice\0secret")])
    expect(stderr).not.toContain(secret);
  // With several accounts each line says whose it is.
  expect(stderr).toMatch(/^plain > AUTH PLAIN \*+$/m);
  expect(stderr).toMatch(/^apop > APOP alice \*+$/m);
  expect(stderr).toMatch(/^login < \+OK/m);
});

it("shows what a server says in any charset as text, never as the octets that it sent", async () => {
  const said = Buffer.from("\xd3\xc3\xbb\xa7 \x1b[2J", "latin1").toString("latin1");
  await using server = await startPop3Server({
    greeting: `+ok ${Buffer.from("Grüße").toString("latin1")}`,
    maildrop: { refusals: { STAT: `-err ${said}` } },
  });
  server.maildrop.deliver(Buffer.from("Subject: private\r\n\r\nprivate\r\n"));
  await using user = new User();
  const url = `pop3://alice@127.0.0.1:${server.port}?tls=none`;
  const { code, stderr } = await user.run(["fetch", "--verbose", url]);
  expect(code, stderr).toBe(0);
  expect(stderr).toContain("< +ok Grüße");
  expect(stderr).toContain("< -err \\xd3\\xc3\\xbb\\xa7 \\x1b[2J");
  expect(stderr).not.toContain("private");
});

it("tells a refusal in any charset as text", async () => {
  const refusal = Buffer.from("-ERR [AUTH] \xb7\xce\xb1\xd7\xc0\xce \xbd\xc7\xc6\xd0 \x9b2J", "latin1");
  await using server = await startPop3Server({
    maildrop: { refusals: { PASS: refusal.toString("latin1") } },
  });
  await using user = new User();
  const { code, stderr } = await user.run(["fetch", `pop3://alice@127.0.0.1:${server.port}?tls=none`]);
  expect(code).toBe(77);
  expect(stderr).toContain("(it says: [AUTH] \\xb7\\xce\\xb1\\xd7\\xc0\\xce \\xbd\\xc7\\xc6\\xd0 \\x9b2J)");
});
