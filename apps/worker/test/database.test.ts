import {
  makeCertificate,
  type Pop3Server,
  simpleMail,
  startMariaDb,
  startPop3Server,
} from "@mailonce/testkit";
import { expect, test } from "vitest";
import { startWorker } from "./worker-process.ts";

const mail = (subject: string): Uint8Array =>
  simpleMail({
    from: "Ann <ann@example.org>",
    to: "Ben <ben@example.org>",
    subject,
    date: new Date("2026-11-02T10:00:00Z"),
    body: "Hello.",
  });

const urlOf = (server: Pop3Server): string => `pop3://${server.user}@127.0.0.1:${server.port}?tls=none`;

test("the worker works into a database over TLS, and ends at once with a code of its own where that refuses it", async () => {
  await using certificate = makeCertificate();
  await using maria = await startMariaDb({
    parameters: [`--ssl-cert=${certificate.certificateFile}`, `--ssl-key=${certificate.keyFile}`],
  });
  const { mariadbUrl, user } = await maria.createDatabase();
  await maria.sql(`ALTER USER '${user}'@'127.0.0.1' REQUIRE SSL`);
  await using server = await startPop3Server({ user: "ann" });
  server.maildrop.deliver(mail("one"));
  const start = (query: string) =>
    startWorker({
      MAILONCE_ACCOUNTS: urlOf(server),
      MAILONCE_DATABASE: `${mariadbUrl}${query}`,
      MAILONCE_INTERVAL: "1",
    });
  const verify = `?tls=verify&ca=${certificate.caFile}`;
  for (const [query, code, words] of [
    ["", 77, /refuses the login: .*add \?tls=verify/],
    ["?tls=verify", 77, /from an authority that is not trusted here/],
    ["?tls=yes", 2, /tls is verify/],
    ["?tls=verify&ca=/nowhere.pem", 78, /cannot be read: \/nowhere\.pem/],
  ] as const) {
    await using refused = start(query);
    await refused.line(words);
    expect([query, await refused.end()]).toEqual([query, code]);
  }
  {
    await using worker = start(verify);
    await worker.line(/^ann@.*: 1 stored, 0 known$/);
    // It is away for a moment, and back: nothing is lost, nothing stored twice.
    await maria.kill();
    server.maildrop.deliver(mail("two"));
    await worker.line(/refuses connections|broke the connection/);
    await maria.start();
    await worker.line(/^ann@.*: 1 stored, 1 known$/);
    worker.child.kill("SIGTERM");
    expect(await worker.end()).toBe(0);
  }
  await maria.sql(
    `INSERT INTO ${new URL(mariadbUrl).pathname.slice(1)}.mailonce_migrations (timestamp, name)
     VALUES (1999999999999, 'mailonce_add_wonders_1999999999999')`,
  );
  await using older = start(verify);
  await older.line(/by a later version of Mailonce/);
  expect(await older.end()).toBe(78);
});
