import { readFileSync } from "node:fs";
import { simpleMail, startPop3Server } from "@mailonce/testkit";
import { beforeAll, expect, it } from "vitest";
import { build, User } from "./mailonce.ts";

beforeAll(build, 180_000);

it("keeps accounts in the database, lists them beside those of the file, and never a secret", async () => {
  await using user = new User();
  user.write(
    "mailonce.yaml",
    "accounts:\n  work:\n    url: pop3s://joe@mail.example.org\n    schedule: 10m\n    password: { env: WORK }\n",
  );
  const added = await user.run(["accounts", "add", "pop3s://ann@example.org", "--password-env", "ANN"]);
  expect(added).toMatchObject({ code: 0, stdout: "ann@example.org added: fetched every 5m.\n" });
  const { json } = await user.run(["accounts", "list", "--json"]);
  expect(json).toMatchObject([
    {
      type: "account",
      name: "work",
      keptIn: "file",
      schedule: { kind: "interval", ms: 600_000 },
      pause: null,
    },
    { name: "ann@example.org", keptIn: "database", host: "example.org", tls: "implicit", lastRun: null },
  ]);
  const again = await user.run(["accounts", "add", "pop3s://ann@example.org"]);
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining("remove it first") });
  expect(await user.run(["accounts", "remove", "ann@example.org"])).toMatchObject({ code: 0 });
  expect(await user.run(["accounts", "remove", "ann@example.org"])).toMatchObject({ code: 2 });
  expect(await user.run(["accounts", "remove", "work"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("stands in the accounts file"),
  });
});

it.each([
  ["pop3://ann@127.0.0.1:11000?tls=none", "ann@127.0.0.1-11000", "ann@127.0.0.1:11000"],
  ["pop3s://ann@[::1]", "ann@-1", "ann@[::1]"],
  ["pop3s://mail%20box%2Fann@example.org", "mail-box-ann@example.org", "mail box/ann@example.org"],
  ["pop3s://_ann@example.org", "ann@example.org", "_ann@example.org"],
])("finds a name for %s that is one, and leaves the maildrop its own", async (url, name, maildrop) => {
  await using user = new User();
  expect(await user.run(["accounts", "add", url])).toMatchObject({
    code: 0,
    stdout: `${name} added: fetched every 5m.\n`,
  });
  const { json } = await user.run(["accounts", "list", "--json"]);
  expect(json).toMatchObject([{ name, maildrop }]);
  expect(await user.run(["accounts", "pause", name])).toMatchObject({ code: 0 });
  expect(await user.run(["accounts", "remove", name])).toMatchObject({ code: 0 });
});

it("asks for --name where another account has the name that it would choose", async () => {
  await using user = new User();
  expect(await user.run(["accounts", "add", "pop3s://a%3Ab@example.org"])).toMatchObject({ code: 0 });
  const url = "pop3s://a%2Fb@example.org";
  expect(await user.run(["accounts", "add", url])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(
      "there is an account a-b@example.org already: remove it first, or give another --name",
    ),
  });
  expect(await user.run(["accounts", "add", url, "--name", "other"])).toMatchObject({ code: 0 });
  const { json } = await user.run(["accounts", "list", "--json"]);
  expect(json).toMatchObject([
    { name: "a-b@example.org", maildrop: "a:b@example.org" },
    { name: "other", maildrop: "other" },
  ]);
});

it("takes an interval or a cron expression for --schedule", async () => {
  await using user = new User();
  const add = (name: string, schedule: string) =>
    user.run(["accounts", "add", "pop3s://ann@example.org", "--name", name, "--schedule", schedule]);
  expect(await add("a", "90s")).toMatchObject({ code: 0, stdout: "a added: fetched every 1m30s.\n" });
  expect(await add("b", "0 7 * * 1-5")).toMatchObject({
    code: 0,
    stdout: "b added: fetched at 0 7 * * 1-5.\n",
  });
  expect(await add("c", "0 25 * * *")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("must be a cron expression of five fields"),
  });
});

it("refuses settings that no worker would understand, and says which", async () => {
  await using user = new User();
  for (const [parameters, message] of [
    [["--schedule", "often"], "schedule"],
    [["--settings", '{"pasword":{}}'], "pasword"],
    [["--settings", '{"password":"geheim"}'], "a secret does not belong"],
    [["--settings", "geheim"], "must be a JSON object"],
    [["--password-env", "A", "--password-file", "b"], "not both"],
  ] as const) {
    const { code, stderr } = await user.run(["accounts", "add", "pop3s://ann@example.org", ...parameters]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("geheim");
  }
});

it("pauses and resumes an account, also one of the file", async () => {
  await using user = new User();
  user.write(
    "mailonce.yaml",
    "accounts:\n  work:\n    url: pop3s://joe@mail.example.org\n    schedule: 10m\n",
  );
  expect(await user.run(["accounts", "pause", "work", "--reason", "moving"])).toMatchObject({ code: 0 });
  expect(await user.run(["accounts", "list"])).toMatchObject({
    stdout: expect.stringContaining("paused: moving"),
  });
  expect(await user.run(["accounts", "resume", "work"])).toMatchObject({
    stdout: "work is fetched again.\n",
  });
  expect(await user.run(["accounts", "resume", "work"])).toMatchObject({ stdout: "work was not paused.\n" });
  expect(await user.run(["accounts", "pause", "nobody"])).toMatchObject({ code: 2 });
});

it("shows what waits in the outbox, delivers it and tries it again", async () => {
  await using user = new User();
  await using server = await startPop3Server();
  server.maildrop.deliverAll([1, 2].map((n) => Buffer.from(`Subject: ${n}\r\n\r\nhello\r\n`)));
  const file = (command: string) =>
    user.write(
      "mailonce.yaml",
      [
        "accounts:",
        "  work:",
        `    url: pop3://alice@127.0.0.1:${server.port}?tls=none`,
        `    hooks: { run: { exec: [${command}] } }`,
        "",
      ].join("\n"),
    );
  file("/bin/false");
  expect(await user.run(["fetch", "work"])).toMatchObject({ code: 0 });
  const listed = await user.run(["outbox", "list"]);
  expect(listed.stdout.split("\n")).toHaveLength(3);
  expect(listed.stdout).toMatch(/^[0-9a-f]{12} {2}work {2}run {2}is due\n/);
  const failed = await user.run(["outbox", "deliver"]);
  expect(failed).toMatchObject({ code: 65, stderr: expect.stringContaining("ended with status 1") });
  const { json } = await user.run(["outbox", "list", "--json"]);
  expect(json).toMatchObject([
    { type: "delivery", maildrop: "work", hook: "run", state: "pending", attempts: 1 },
    { state: "pending", attempts: 0 },
  ]);
  file("/bin/true");
  expect(await user.run(["outbox", "deliver"])).toMatchObject({ code: 0, stdout: "0 deliveries made.\n" });
  expect(await user.run(["outbox", "retry", listed.stdout.slice(0, 12)])).toMatchObject({ code: 0 });
  expect(await user.run(["outbox", "deliver"])).toMatchObject({ code: 0, stdout: "2 deliveries made.\n" });
  expect(await user.run(["outbox", "list"])).toMatchObject({ stdout: "", stderr: "The outbox is empty.\n" });
  expect(await user.run(["outbox", "retry", "ffff"])).toMatchObject({ code: 2 });
  server.maildrop.deliver(Buffer.from("Subject: 3\r\n\r\nhello\r\n"));
  await user.run(["fetch", "work"]);
  expect(await user.run(["outbox", "drop"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("give the ids of messages, --given-up, or --hook NAME"),
  });
  for (const [parameters, count] of [
    [["--given-up"], "0 deliveries"],
    [["--hook", "other"], "0 deliveries"],
    [["--hook", "run"], "1 delivery"],
  ] as const)
    expect(await user.run(["outbox", "drop", ...parameters])).toMatchObject({
      code: 0,
      stdout: `${count} dropped: nobody will be told. The mail stays.\n`,
    });
  expect(await user.run(["outbox", "list"])).toMatchObject({ stderr: "The outbox is empty.\n" });
  expect((await user.run(["outbox", "list", "--all"])).stdout.match(/ delivered /g)).toHaveLength(2);
});

it("tells a program what is in the message as show does, also where nothing is kept of that in the database", async () => {
  await using user = new User();
  await using server = await startPop3Server();
  const mail = simpleMail({
    ...{ from: "Jörg <j@example.de>", to: "alice@example.org", subject: "news", date: new Date(0) },
    ...{ body: "Grüße aus Köln\n", html: "<p>Gr&uuml;&szlig;e</p>\n" },
    attachments: [{ name: "Rechnung €.pdf", type: "application/pdf", bytes: Buffer.alloc(3000, 7) }],
  });
  server.maildrop.deliver(mail);
  const told = `${user.home}/told`;
  user.write(
    "mailonce.yaml",
    [
      "content: none",
      "accounts:",
      "  work:",
      `    url: pop3://alice@127.0.0.1:${server.port}?tls=none`,
      `    hooks: { run: { exec: [/bin/sh, -c, "cat > ${told}"], include: [html, text, parts] } }`,
      "",
    ].join("\n"),
  );
  expect((await user.run(["config", "show"])).stdout).toContain(
    "with text, html, parts (at most 262144 octets each)",
  );
  expect(await user.run(["fetch", "work"])).toMatchObject({ code: 0 });
  expect(await user.run(["outbox", "deliver"])).toMatchObject({ code: 0, stdout: "1 delivery made.\n" });
  const { data } = JSON.parse(readFileSync(told, "utf8"));
  const [shown] = (await user.run(["show", data.id, "--json"])).json;
  expect(shown?.["text"]).toContain("Grüße aus Köln");
  expect(data).toMatchObject({ subject: "news", maildrop: "work" });
  const { stdout: html } = await user.run(["show", data.id, "--html"]);
  expect(data.content).toMatchObject({ status: "read", text: shown?.["text"], html, textCut: false });
  const parts = shown?.["parts"] as readonly Record<string, unknown>[];
  expect(data.content.parts).toEqual(parts.map(({ fileIndex, ...part }) => part));
});
