import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { simpleMail, startPop3Server, temporaryFolder } from "@mailonce/testkit";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { expect, test } from "vitest";
import { startWorker } from "../worker-process.ts";

const loading = (file: string) => `--import ${pathToFileURL(join(import.meta.dirname, file)).href}`;

/** Two accounts: ann has a message, ben's password is refused. */
async function world() {
  const [ann, ben] = await Promise.all([
    startPop3Server({ user: "ann" }),
    startPop3Server({ user: "ben", password: "hunter2" }),
  ]);
  const people = { from: "cem@example.org", to: "ann@example.org", date: new Date(0) };
  ann.maildrop.deliver(simpleMail({ ...people, subject: "one", body: "Hello." }));
  const folder = temporaryFolder("mailonce-tracing-");
  const urls = [ann, ben].map(({ user, port }) => `pop3://${user}@127.0.0.1:${port}?tls=none`);
  return {
    ann,
    ben,
    spans: join(folder.path, "spans"),
    env: {
      MAILONCE_ACCOUNTS: urls.join(" "),
      MAILONCE_DATABASE: `sqlite:${join(folder.path, "mail.sqlite")}`,
      MAILONCE_INTERVAL: "3600",
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([ann.close(), ben.close(), folder.remove()]);
    },
  };
}

test("with an SDK loaded beside, each run is a span with its account, its end and its octets, and no secret", async () => {
  await using here = await world();
  await using worker = startWorker({ ...here.env, NODE_OPTIONS: loading("sdk.mjs"), SPANS: here.spans });
  await Promise.all([worker.line(/^ann@.*: 1 stored/), worker.line(/^ben@.*: error: paused/)]);
  worker.child.kill("SIGTERM");
  expect(await worker.end()).toBe(0);
  const text = readFileSync(here.spans, "utf8");
  expect(text).not.toMatch(/secret|hunter2/);
  const spans = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))
    .sort((a, b) => (a.attributes["mailonce.maildrop"] < b.attributes["mailonce.maildrop"] ? -1 : 1));
  const common = { name: "mailonce.run", scope: "mailonce-worker", kind: SpanKind.CLIENT, ended: true };
  expect(spans).toMatchObject([
    {
      ...common,
      attributes: {
        "mailonce.maildrop": `ann@127.0.0.1:${here.ann.port}`,
        "server.address": "127.0.0.1",
        "server.port": here.ann.port,
        "mailonce.result": "ended",
        "mailonce.stored": 1,
        "mailonce.octets": expect.any(Number),
      },
      status: { code: SpanStatusCode.UNSET },
    },
    {
      ...common,
      attributes: {
        "server.port": here.ben.port,
        "mailonce.result": "refused",
        "mailonce.stored": 0,
        "error.type": "login-refused",
      },
      status: { code: SpanStatusCode.ERROR, message: expect.stringContaining("refused the login") },
    },
  ]);
  expect(spans).toHaveLength(2);
  for (const { seconds } of spans) expect(seconds).toBeGreaterThan(0);
});

test("without OpenTelemetry's API the worker works all the same", async () => {
  await using here = await world();
  await using worker = startWorker({ ...here.env, NODE_OPTIONS: loading("without-api.mjs") });
  await worker.line(/^ann@.*: 1 stored/);
  worker.child.kill("SIGTERM");
  expect(await worker.end()).toBe(0);
});
