import { chmodSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { simpleMail, startPop3Server } from "@mailonce/testkit";
import { sharedMariaDb } from "@mailonce/testkit/vitest";
import { beforeAll, expect, it } from "vitest";
import { build, type Ended, User } from "./mailonce.ts";

beforeAll(build, 180_000);

/** What is planted, by where it is kept. OAuth 2 has a test of its own kind: its secrets are made on the way. */
const PLANTED = {
  variable: "planted-in-a-variable-4711",
  file: "planted-in-a-file-4712",
  command: "planted-by-a-command-4713",
  plain: "planted-for-auth-plain-4714",
  prompt: "planted-on-standard-input-4715",
  url: "planted-in-a-url-4716",
  config: "planted-in-the-accounts-file-4717",
  proxy: "planted-for-a-proxy-4718",
} as const;

/** As it is, and as base64 writes it wherever it begins. */
function forms(secret: string): readonly string[] {
  const coded = ["", " ", "  "].map((shift) =>
    Buffer.from(`${shift}${secret}`).toString("base64").slice(4, 28),
  );
  return [secret, encodeURIComponent(secret), ...coded];
}

/** Every file below a folder. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

it("no secret is in any output, at any level, in any argument list, or in a file that others can read", {
  timeout: 180_000,
}, async () => {
  await using server = await startPop3Server();
  const users = { variable: "anna", file: "ben", command: "carla", plain: "dora", prompt: "emil" } as const;
  for (const [kind, name] of Object.entries(users)) {
    server
      .addAccount(name, PLANTED[kind as keyof typeof users])
      .deliver(
        simpleMail({ from: "a@b.example", to: "c@d.example", subject: name, date: new Date(0), body: name }),
      );
  }
  const mariadb = await sharedMariaDb().createDatabase();
  await using user = new User();
  const url = (name: string): string => `url: "pop3://${name}@127.0.0.1:${server.port}?tls=none"`;
  user.write("secret", `${PLANTED.file}\n`);
  user.write("said", PLANTED.command);
  user.write(
    "mailonce.yaml",
    `
database: ${mariadb.mariadbUrl}
accounts:
  anna: { ${url("anna")}, password: { env: PLANTED } }
  ben: { ${url("ben")}, password: { file: secret } }
  carla: { ${url("carla")}, password: { command: "cat said; echo for carla >&2" } }
  dora: { ${url("dora")}, password: { env: PLAIN }, mechanisms: [PLAIN] }
  emil: { ${url("emil")} }
  frida: { ${url("frida")}, password: { file: secret } }
  gerd: { ${url("gerd")}, password: { env: PLANTED }, proxy: "socks5://me:${PLANTED.proxy}@127.0.0.1:9" }
`,
  );
  const all: string[] = [];
  const env = {
    PLANTED: PLANTED.variable,
    PLAIN: PLANTED.plain,
    MAILONCE_PASSWORD: PLANTED.prompt,
    MAILONCE_DEBUG: "1",
  };
  const keep = (ended: Ended): Ended => {
    all.push(ended.stdout, ended.stderr);
    return ended;
  };
  const run = async (...parameters: string[]): Promise<Ended> => keep(await user.run(parameters, { env }));

  // While it runs: what everybody on the machine can see of it, and of what it has started.
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  server.faults = [{ at: { verb: "RETR", times: 5 }, do: "hold", until: () => held }];
  const running = user.start(["fetch", "--verbose", "--concurrency", "10"], { env });
  await server.waitFor(() => server.count("RETR") === 5);
  const pids = [running.child.pid ?? 0, ...childrenOf(running.child.pid ?? 0)];
  for (const pid of pids) all.push(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
  letGo();
  const fetched = keep(await running.ended);
  // Five are stored; frida is unknown to the server, gerd's proxy does not answer.
  expect(fetched.stdout).toContain("7 accounts: 5 messages stored");
  expect(fetched.stderr).toContain("for carla");
  expect(fetched.code).toBe(77);

  await run("fetch", "--json");
  await run("check", "--verbose");
  await run("check", "--json", "--verbose", "dora");
  await run("baseline", "anna", "frida");
  await run("list");
  await run("deferred", "list");
  await run("maildrop", "list");
  await run("config", "check", "--secrets");
  await run("config", "check", "--secrets", "--json");
  await run("config", "show");
  await run("config", "show", "--json");
  await run("doctor", "ben", "--verbose");
  await run("export", "--to", "mail");
  keep(
    await user.run(["check", "--password-stdin", "--verbose", "emil"], { env, stdin: `${PLANTED.prompt}\n` }),
  );
  for (const command of ["fetch", "check", "baseline", "init"]) {
    const place = `pop3s://anna:${PLANTED.url}@127.0.0.1`;
    await run(command, ...(command === "init" ? ["--url", place] : [place]));
  }
  // In the wrong places of a file.
  const wrong = PLANTED.config;
  for (const text of [
    `accounts:\n  a: { url: "pop3s://a:${wrong}@b", password: ${wrong}, proxy: "ftp://x:${wrong}@y" }\n`,
    `accounts:\n  b: { url: ${wrong}, limit: ${wrong}, schedule: ${wrong}, password: { command: [1, ${wrong}] } }\n`,
    `database: "x:${wrong}"\ntokenKey: ${wrong}\naccounts:\n  c: { password: *${wrong} }\n`,
    `accounts:\n  c: { password: "${wrong}, limit: 1 }\n`,
    `accounts:\n  d:\n    password: ${wrong}: x\n    oauth2: { clientSecret: ${wrong} }\n`,
    `accounts:\n  e: { password: { file: [${wrong}] }, oauth2: { clientSecret: ${wrong} }, hooks: { a: { secret: ${wrong} } } }\n`,
  ]) {
    user.write("wrong.yaml", text);
    expect(await run("config", "check", "--config", "wrong.yaml")).toMatchObject({ code: 78 });
    await run("config", "check", "--json", "--config", "wrong.yaml");
  }
  await run("fetch", "--config", "wrong.yaml");
  chmodSync(join(user.home, "secret"), 0o644);
  await run("fetch", "ben");
  chmodSync(join(user.home, "secret"), 0o600);

  const told = all.join("\n");
  for (const secret of [...Object.values(PLANTED), mariadb.password])
    for (const form of forms(secret))
      expect(told.includes(form), `${secret} as ${form} in:\n${told}`).toBe(false);

  const holding: string[] = [];
  for (const file of filesBelow(user.home)) {
    const content = readFileSync(file);
    const secrets = [...Object.values(PLANTED), mariadb.password];
    if (!secrets.some((secret) => forms(secret).some((form) => content.includes(form)))) continue;
    holding.push(file.slice(user.home.length + 1));
    expect(statSync(file).mode & 0o077, file).toBe(0);
  }
  expect(new Set(holding)).toEqual(new Set(["mailonce.yaml", "said", "secret", "wrong.yaml"]));
});

/** The processes that a process has started, and those that they have. */
function childrenOf(pid: number): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .split(" ")
    .filter(Boolean)
    .map(Number);
  return children.flatMap((child) => [child, ...childrenOf(child)]);
}
