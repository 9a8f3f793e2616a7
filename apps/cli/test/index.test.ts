import { openDatabase } from "@mailonce/runtime";
import { type Pop3Server, startMariaDb, startPop3Server } from "@mailonce/testkit";
import { beforeAll, expect, it } from "vitest";
import { build, User } from "./mailonce.ts";
import { TerminalSession } from "./terminal-session.ts";

beforeAll(build, 180_000);

const urlOf = (server: Pop3Server): string => `pop3://alice@127.0.0.1:${server.port}?tls=none`;

/** Mail that an earlier version read wrongly, or not at all, and what it says. */
const MAIL: readonly (readonly [octets: Buffer, subject: string, date: string | null])[] = [
  [
    Buffer.from(
      "Subject: =?utf-8?B?5pel5g==?= =?utf-8?B?nKzoqp7jga7ku7blkI0=?=\r\nDate: Tue,05 Nov 2019 11:13:27 +0100\r\n\r\none\r\n",
    ),
    "日本語の件名",
    "2019-11-05T10:13:27.000Z",
  ],
  [
    Buffer.from("Subject: Gr\xf6\xdfe\r\nDate: Tue, 5 Nov 2019 11:13:27 GMT+0800\r\n\r\ntwo\r\n", "latin1"),
    "Größe",
    "2019-11-05T03:13:27.000Z",
  ],
  [
    Buffer.from("Subject: three\r\nReceived: by b; Tue, 5 Nov 2019 11:13:27 +0100\r\n\r\nthree\r\n"),
    "three",
    "2019-11-05T10:13:27.000Z",
  ],
  [Buffer.from("Subject: four\r\nDate: never\r\n\r\nfour\r\n"), "four", null],
];

async function serverWith(mail: readonly Uint8Array[]): Promise<Pop3Server> {
  const server = await startPop3Server();
  server.maildrop.deliverAll(mail);
  return server;
}

/** Rows as an earlier version has left them. */
async function spoil(store: Awaited<ReturnType<typeof openDatabase>>): Promise<void> {
  await store.dataSource.query(
    "UPDATE mailonce_message SET subject = 'wrong', date_header = NULL, date_kind = NULL, attachments = NULL, decoder = NULL",
  );
}

async function shown(user: User, env: Record<string, string>): Promise<unknown[]> {
  const { json } = await user.run(["list", "--json", "--sort", "stored"], { env });
  return json.map(({ subject, date }) => [subject, date]).toReversed();
}

const expected = MAIL.map(([, subject, date]) => [subject, date]);
const kept = ({ id, octets, sha256, storedAt }: Record<string, unknown>): unknown => ({
  id,
  octets,
  sha256,
  storedAt,
});

/** What the command does on a database that `url` names, or on the user's own. */
async function readsAnew(url: string | null): Promise<void> {
  await using server = await serverWith(MAIL.map(([octets]) => octets));
  await using user = new User();
  const env: Record<string, string> = url === null ? {} : { MAILONCE_DATABASE: url };
  expect(await user.run(["fetch", urlOf(server)], { env })).toMatchObject({ code: 0 });
  expect(await shown(user, env)).toEqual(expected);
  await user.run(["index"], { env });
  expect((await user.run(["index", "--status"], { env })).stdout).toBe("4 messages, all indexed.\n");
  const before = await user.run(["list", "--json", "--sort", "stored"], { env });
  const raw = await user.run(["show", "--raw", String(before.json[0]?.["id"])], { env });

  await using store = await openDatabase(url ?? `sqlite:${user.database}`, {});
  await spoil(store);
  expect((await shown(user, env))[0]).toEqual(["wrong", null]);
  expect(await user.run(["index", "--status"], { env })).toMatchObject({
    code: 0,
    stdout: "4 messages, 4 with a header that an older version has read: run 'mailonce index'.\n",
  });
  const status = await user.run(["index", "--status", "--json"], { env });
  expect(status.json).toEqual([
    {
      ...{ type: "index-status", messages: 4, indexed: 4, waiting: 0, givenUp: 0, oldHeaders: 4 },
      ...{ attachments: 0, attachmentOctets: 0 },
    },
  ]);

  expect(await user.run(["index"], { env })).toMatchObject({
    code: 0,
    stdout: "0 messages indexed, 4 headers read anew.\n",
    stderr: "",
  });
  expect(await shown(user, env)).toEqual(expected);
  expect((await user.run(["index", "--json"], { env })).json).toEqual([
    { type: "indexed", indexed: 0, headers: 0, unreadable: 0, left: 0, oldHeaders: 0 },
  ]);
  await store.dataSource.query("UPDATE mailonce_message SET subject = 'wrong'");
  expect((await user.run(["index"], { env })).stdout).toBe("0 messages indexed.\n");
  expect((await user.run(["index", "--rebuild"], { env })).stdout).toBe(
    "4 messages indexed, 4 headers read anew.\n",
  );
  expect(await shown(user, env)).toEqual(expected);

  const after = await user.run(["list", "--json", "--sort", "stored"], { env });
  expect(after.json.map(kept)).toEqual(before.json.map(kept));
  expect((await user.run(["show", "--raw", String(before.json[0]?.["id"])], { env })).octets).toEqual(
    raw.octets,
  );
  expect((await user.run(["fetch", urlOf(server)], { env })).stdout).not.toContain("stored  ");
  expect((await user.run(["index", "--status"], { env })).stdout).toBe("4 messages, all indexed.\n");
}

it("reads the headers of stored messages anew on SQLite, and nothing else changes", () => readsAnew(null));

it("reads the headers of stored messages anew on MariaDB, and nothing else changes", async () => {
  await using server = await startMariaDb();
  await readsAnew((await server.createDatabase()).mariadbUrl);
});

it("takes tables that an older version has made, and brings them up to date", async () => {
  await using server = await serverWith(MAIL.map(([octets]) => octets));
  await using user = new User();
  await user.run(["fetch", urlOf(server)]);
  {
    await using store = await openDatabase(`sqlite:${user.database}`, {});
    for (const column of ["decoder", "date_kind", "attachments"])
      await store.dataSource.query(`ALTER TABLE mailonce_message DROP COLUMN ${column}`);
    await store.dataSource.query("DELETE FROM mailonce_migrations WHERE name LIKE '%header_columns%'");
  }
  expect(await user.run(["index"])).toMatchObject({
    code: 0,
    stdout: "4 messages indexed, 4 headers read anew.\n",
  });
  expect(await shown(user, {})).toEqual(expected);
});

it("says that there is no database yet, and refuses what contradicts itself", async () => {
  await using user = new User();
  expect(await user.run(["index"])).toMatchObject({
    code: 0,
    stdout: "",
    stderr: expect.stringContaining("no database"),
  });
  expect(await user.run(["index", "--status"])).toMatchObject({
    code: 0,
    stdout: "0 messages, all indexed.\n",
  });
  expect(await user.run(["index", "--status", "--rebuild"])).toMatchObject({ code: 2, stdout: "" });
});

it("goes on where octets of a message are missing, and says so", async () => {
  await using server = await serverWith([
    Buffer.from("Subject: one\r\n\r\n"),
    Buffer.from(`X: ${"y".repeat(600_000)}\r\n\r\n`),
    Buffer.from("Subject: three\r\n\r\n"),
  ]);
  await using user = new User();
  await user.run(["fetch", urlOf(server)]);
  await using store = await openDatabase(`sqlite:${user.database}`, {});
  await store.dataSource.query("DELETE FROM mailonce_message_chunk WHERE seq > 0");
  await store.contents.drop();
  await spoil(store);
  expect(await user.run(["index"])).toMatchObject({
    code: 65,
    stdout: "2 messages indexed, 2 headers read anew, 1 header left.\n",
    stderr: expect.stringMatching(
      /^mailonce: message [0-9a-f]{12} cannot be read: octets of it are missing in the database\n$/,
    ),
  });
});

it("Ctrl-C ends it cleanly: what is written is kept, the rest comes next time", async () => {
  await using server = await serverWith(
    Array.from({ length: 250 }, (_, n) => Buffer.from(`Subject: number ${n}\r\n\r\n${n}\r\n`)),
  );
  await using user = new User();
  await user.run(["fetch", urlOf(server)]);
  await user.run(["index"]);
  await using store = await openDatabase(`sqlite:${user.database}`, {});
  await spoil(store);
  /** Interrupts `index` when it shows this. */
  const interrupted = async (shows: string): Promise<string> => {
    const [maildrop] = await store.maildrops();
    const guard = { generation: maildrop?.generation ?? 0, leaseToken: null };
    let session: TerminalSession | undefined;
    // The file is locked while the command is stopped, so that it cannot be quicker.
    await store.transact(maildrop?.id ?? 0, guard, async () => {
      session = new TerminalSession(user, ["index"]);
      await session.shown(shows);
      session.type("\u0003");
      await session.shown("Interrupted");
    });
    expect(await session?.ended).toBe(130);
    return session?.output ?? "";
  };
  expect(await interrupted("reading headers  0/250")).toContain(
    "0 messages indexed, 100 headers read anew, 150 headers left.",
  );
  const [{ oldHeaders } = {}] = (await user.run(["index", "--status", "--json"])).json;
  expect(oldHeaders).toBe(150);
  expect((await user.run(["index"])).stdout).toBe("0 messages indexed, 150 headers read anew.\n");
  await store.contents.drop();
  expect(await interrupted("indexing  0/250")).toMatch(/\d+ messages? indexed, \d+ left\./);
  await user.run(["index"]);
  expect((await user.run(["index", "--status"])).stdout).toBe("250 messages, all indexed.\n");
});

it("runs beside a fetch: both do all they have to", async () => {
  const mail = (from: number): Uint8Array[] =>
    Array.from({ length: 200 }, (_, n) => Buffer.from(`Subject: number ${from + n}\r\n\r\n${from + n}\r\n`));
  await using server = await serverWith(mail(0));
  await using user = new User();
  await user.run(["fetch", urlOf(server)]);
  await using store = await openDatabase(`sqlite:${user.database}`, {});
  await spoil(store);
  server.maildrop.deliverAll(mail(200));
  const [fetched, one, other] = await Promise.all([
    user.run(["fetch", "--json", urlOf(server)]),
    user.run(["index"]),
    user.run(["index", "--rebuild"]),
  ]);
  expect([fetched.code, one.code, other.code]).toEqual([0, 0, 0]);
  expect(fetched.json.at(-1)).toMatchObject({ counts: { stored: 200, known: 200 } });
  const subjects = (await user.run(["list", "--json", "--sort", "stored"])).json.map(
    ({ subject }) => subject,
  );
  expect(new Set(subjects)).toEqual(new Set(Array.from({ length: 400 }, (_, n) => `number ${n}`)));
  await user.run(["index"]);
  expect((await user.run(["index", "--status"])).stdout).toBe("400 messages, all indexed.\n");
});

it("keeps attachments where the accounts file says so, and drops them with --rebuild where it does not any more", async () => {
  const file = Buffer.from("%PDF-1.7 a bill");
  const withFile = (name: string): Buffer =>
    Buffer.from(
      [
        'Subject: x\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nSee the file.\r\n--b',
        `Content-Type: application/pdf; name="${name}"\r\nContent-Transfer-Encoding: base64\r\n`,
        `${file.toString("base64")}\r\n--b--\r\n`,
      ].join("\r\n"),
    );
  await using server = await serverWith([
    withFile("one.pdf"),
    withFile("two.pdf"),
    Buffer.from("Subject: y\r\n\r\n"),
  ]);
  await using user = new User();
  const say = (attachments: string): void =>
    void user.write(
      "mailonce.yaml",
      `content: { attachments: ${attachments} }\naccounts: { a: { url: "${urlOf(server)}" } }\n`,
    );
  const run = async (...options: string[]): Promise<string> =>
    (await user.run(["index", "--config", "mailonce.yaml", ...options])).stdout;
  say("metadata");
  await user.run(["fetch", "--config", "mailonce.yaml"]);
  await run();
  expect(await run("--status")).toBe("3 messages, all indexed.\n");
  say("stored");
  expect(await run("--status")).toBe("3 messages, 2 not indexed yet: run 'mailonce index'.\n");
  expect(await run()).toBe("2 messages indexed.\n");
  expect(await run("--status")).toBe("3 messages, all indexed. 1 attachment stored, 15 B.\n");
  expect(await run()).toBe("0 messages indexed.\n");
  await using store = await openDatabase(`sqlite:${user.database}`, {});
  const chunks = await store.dataSource.query(
    "SELECT p.file_name AS name, c.content AS content FROM mailonce_message_part p JOIN mailonce_attachment_chunk c ON c.sha256 = p.sha256 ORDER BY 1",
  );
  expect(
    chunks.map((row: { name: string; content: Uint8Array }) => [row.name, Buffer.from(row.content)]),
  ).toEqual([
    ["one.pdf", file],
    ["two.pdf", file],
  ]);
  say("metadata");
  expect(await run()).toBe("0 messages indexed.\n");
  expect(await run("--status")).toContain("1 attachment stored");
  await run("--rebuild");
  expect(await run("--status")).toBe("3 messages, all indexed.\n");
});
