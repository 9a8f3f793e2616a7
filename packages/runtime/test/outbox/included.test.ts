import { once } from "node:events";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { fetchMaildrop } from "@mailonce/core";
import { InMemoryMaildrop, InMemorySpool } from "@mailonce/core/memory";
import { temporaryFolder } from "@mailonce/testkit";
import { openStore, type TypeormStore } from "@mailonce/typeorm";
import { afterAll, describe, expect, test } from "vitest";
import type { HookSettings, IncludeSettings } from "../../src/account/settings.ts";
import { longestTimeoutMs, OutboxDeliverer } from "../../src/outbox/outbox-deliverer.ts";

const folder = temporaryFolder("mailonce-included-");
afterAll(() => folder.remove());

const programOf = (name: string): URL => pathToFileURL(join(import.meta.dirname, name));
const BAD_PROGRAM = programOf("../content/bad-process.mjs");
/** Finds the same in every message. */
const PROGRAM = programOf("fixed-process.mjs");

const MAIL = "Subject: bill\r\n\r\nDear Ann\r\n";

/** A real HTTP server that keeps the bodies that it gets. */
async function startReceiver() {
  const bodies: Record<string, Record<string, unknown>>[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      bodies.push(JSON.parse(body));
      response.writeHead(204).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    contents: () => bodies.map(({ data }) => data?.["content"]),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function stored(
  messages: readonly (string | Uint8Array)[],
  hooks: readonly string[],
): Promise<TypeormStore> {
  const name = Math.random().toString(36).slice(2);
  const store = await openStore({ url: `sqlite:${join(folder.path, `${name}.sqlite`)}` });
  const server = new InMemoryMaildrop();
  for (const message of messages) server.deliver(message);
  const session = server.connect();
  for await (const _ of fetchMaildrop({
    session,
    store,
    maildrop: "ann",
    spool: new InMemorySpool(),
    hooks,
  }));
  return store;
}

function deliverer(
  store: TypeormStore,
  hooks: readonly HookSettings[],
  { program = PROGRAM, signal = new AbortController().signal, lanes = 4 } = {},
): OutboxDeliverer {
  const hook = (_maildrop: string, name: string) => hooks.find((one) => one.name === name) ?? null;
  const longestMs = () => longestTimeoutMs(hooks);
  return new OutboxDeliverer({
    store,
    hook,
    env: process.env,
    signal,
    readingProgram: program,
    lanes,
    longestMs,
  });
}

const ALL: IncludeSettings = { what: ["text", "html", "parts"], octets: 2 ** 18 };

const web = (url: string, include?: IncludeSettings): HookSettings => ({
  ...{ kind: "webhook", name: "web", url, secret: null, timeoutMs: 5000 },
  ...(include === undefined ? {} : { include }),
});

/** A program that writes its standard input to a file. */
function program(
  name: string,
  include?: IncludeSettings,
): { readonly hook: HookSettings; readonly output: string } {
  const file = join(folder.path, `${Math.random().toString(36).slice(2)}.mjs`);
  const output = `${file}.out`;
  writeFileSync(
    file,
    `import { appendFileSync, readFileSync } from "node:fs"; appendFileSync(${JSON.stringify(output)}, readFileSync(0));`,
  );
  chmodSync(file, 0o700);
  const hook = { kind: "exec", name, command: [process.execPath, file], timeoutMs: 20_000 } as const;
  return { hook: { ...hook, ...(include === undefined ? {} : { include }) }, output };
}

describe("what a hook is told of what is in a message", () => {
  test("is what it asks for, cut to so many octets each, and never the octets of parts", async () => {
    await using store = await stored([MAIL], ["all", "few", "only", "none", "run", "plain"]);
    await using all = await startReceiver();
    await using few = await startReceiver();
    await using only = await startReceiver();
    await using none = await startReceiver();
    const run = program("run", ALL);
    const plain = program("plain");
    const hooks = [
      { ...web(all.url, ALL), name: "all" },
      { ...web(few.url, { ...ALL, octets: 1001 }), name: "few" },
      { ...web(only.url, { ...ALL, what: ["text"] }), name: "only" },
      { ...web(none.url), name: "none" },
      ...[run.hook, plain.hook],
    ];
    await using outbox = deliverer(store, hooks);
    expect(await outbox.deliverDue()).toEqual({ delivered: 6, failed: 0 });
    const content = {
      ...{
        status: "read",
        text: "ü".repeat(600),
        textCut: false,
        html: `<b>${"é".repeat(600)}`,
        htmlCut: false,
      },
      parts: Array.from({ length: 30 }, (_, n) => ({
        ...{ number: `${n + 1}`, mimeType: "application/pdf", charset: null, fileName: `${n} €.pdf` },
        ...{ disposition: "attachment", contentId: null, octets: 3000 + n, use: "attachment" },
        sha256: n.toString(16).padStart(2, "0").repeat(32),
      })),
      partsCut: false,
    };
    expect(all.contents()).toEqual([content]);
    expect(only.contents()).toEqual([{ status: "read", text: content.text, textCut: false }]);
    expect(none.contents()).toEqual([undefined]);
    const [cut] = few.contents();
    expect(cut).toEqual({
      ...{
        status: "read",
        text: "ü".repeat(500),
        textCut: true,
        html: `<b>${"é".repeat(499)}`,
        htmlCut: true,
      },
      ...{ parts: content.parts.slice(0, 4), partsCut: true },
    });
    const [line = "", ...rest] = readFileSync(run.output, "utf8").split("\n");
    expect(rest).toEqual([""]);
    expect(JSON.parse(line)).toMatchObject({
      ...{ type: "message.stored", hook: "run" },
      data: { subject: "bill", content },
    });
    expect(readFileSync(plain.output, "utf8")).toBe(MAIL);
  });

  test.each([
    ["throws", "throw", "thrown on purpose"],
    ["ends its process", "exit", "ended in the middle"],
  ])(
    "fails alone where the message's reading %s: the delivery is made, and the next ones",
    async (_how, does, reason) => {
      const mail = (subject: string): string => `Subject: ${subject}\r\n\r\n${subject}\r\n`;
      await using store = await stored([mail("good"), mail(does), mail("good too")], ["web"]);
      await using receiver = await startReceiver();
      await using outbox = deliverer(store, [web(receiver.url, { ...ALL, what: ["text"] })], {
        program: BAD_PROGRAM,
      });
      expect(await outbox.deliverDue()).toEqual({ delivered: 3, failed: 0 });
      const read = (subject: string) => ({ status: "read", text: mail(subject), textCut: false });
      expect(receiver.contents()).toEqual([
        read("good"),
        { status: "failed", reason: expect.stringContaining(reason) },
        read("good too"),
      ]);
    },
  );

  test("fails where no message can be read, and where octets are missing, and the hook is told all the same", async () => {
    await using store = await stored(["Subject: a\r\n\r\nb\r\n", "Subject: c\r\n\r\nd\r\n"], ["web"]);
    await using receiver = await startReceiver();
    {
      const broken = { program: programOf("no-such-process.mjs") };
      await using outbox = deliverer(store, [web(receiver.url, ALL)], broken);
      expect(await outbox.deliverDue()).toEqual({ delivered: 2, failed: 0 });
    }
    expect(receiver.contents()).toEqual(Array(2).fill({ status: "failed", reason: expect.any(String) }));
    await using damaged = await stored(["Subject: a\r\n\r\nb\r\n"], ["web"]);
    await damaged.dataSource.query("DELETE FROM mailonce_message_chunk");
    await using outbox = deliverer(damaged, [web(receiver.url, ALL)], { program: BAD_PROGRAM });
    expect(await outbox.deliverDue()).toEqual({ delivered: 1, failed: 0 });
    expect(receiver.contents().at(-1)).toEqual({
      ...{ status: "failed", reason: "octets of it are missing in the database" },
    });
  });

  test("is left off when the program ends, and the message is told another time", async () => {
    await using store = await stored(["Subject: hang\r\n\r\nhang\r\n"], ["web"]);
    await using receiver = await startReceiver();
    const ending = new AbortController();
    await using outbox = deliverer(store, [web(receiver.url, ALL)], {
      program: BAD_PROGRAM,
      signal: ending.signal,
    });
    const delivered = outbox.deliverDue();
    setTimeout(() => ending.abort(new Error("interrupted")), 1000);
    await expect(delivered).rejects.toThrow("interrupted");
    expect(receiver.contents()).toEqual([]);
    await using next = deliverer(store, [web(receiver.url)]);
    expect(await next.deliverDue()).toEqual({ delivered: 1, failed: 0 });
  });
});
