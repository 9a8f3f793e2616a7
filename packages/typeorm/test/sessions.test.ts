import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { openExistingStore, openStore, type TypeormStore } from "../src/index.ts";
import { collect, entry, message, octets } from "./samples.ts";
import { onEachServer, type TestServer } from "./test-server.ts";

const GUARD = { generation: 0, leaseToken: null };
const SUBJECT = "Grüße \\ 'one' \"two\" || 🎉 %_ \u0000";

/** Resolves once the server holds no connection of that account any more. */
async function hasHungUp(server: TestServer, url: string): Promise<void> {
  const { username } = new URL(url);
  while ((await server.connections(username)).length > 0) await turn();
}

/** Everything that the store's own sessions must be right for: text, commits, what others see. */
async function expectRightWork(url: string): Promise<void> {
  await using store = await openStore({ url });
  const { id } = await store.openMaildrop("Ånn");
  const stored = message({ subject: SUBJECT, from: "" });
  await store.transact(id, GUARD, async (tx) => {
    await tx.insertMessages([stored]);
    await tx.insertEntries([entry("1", { messageId: stored.id })]);
  });
  const request = { token: "t", owner: "o", ttlMs: 60_000, isDead: () => false };
  expect(await store.acquireLease("Ånn", request)).toMatchObject({ kind: "taken", maildrop: { id } });
  // What is committed, others see at once.
  await using other = await openExistingStore({ url });
  if (other === null) throw new Error("There is no store.");
  expect(other.schema?.state).toBe("current");
  expect(await other.leaseHolder(id)).toMatchObject({ owner: "o" });
  expect(await collect(other.messages())).toMatchObject([
    { id: stored.id, subject: SUBJECT.replace("\0", "\uFFFD"), from: "", maildrop: "Ånn" },
  ]);
  const tooLong = entry("2", { disposition: "much-too-long-for-it" as never });
  await expect(store.transact(id, GUARD, (tx) => tx.insertEntries([tooLong]))).rejects.toThrow();
}

onEachServer("a server", (start, product) => {
  const modes = ["ANSI_QUOTES", "PIPES_AS_CONCAT", "NO_BACKSLASH_ESCAPES", "HIGH_NOT_PRECEDENCE"];
  const others = product === "MariaDB" ? ["ORACLE", "EMPTY_STRING_IS_NULL"] : ["PAD_CHAR_TO_FULL_LENGTH"];

  it("may be set up as oddly as it likes: modes of SQL, character sets, what it does at each login", async () => {
    await using server = await start({
      parameters: [
        `--sql-mode=${[...modes, ...others].join(",")}`,
        "--init-connect=SET NAMES latin1, autocommit = 0",
        ...["--character-set-server=latin1", "--collation-server=latin1_swedish_ci"],
      ],
    });
    await expectRightWork(await server.account(await server.createDatabase()));
    await server.sql("SET GLOBAL sql_mode = ''");
    await expectRightWork(await server.account(await server.createDatabase()));
  });

  it("may end connections that have nothing to do, or all of them: the next work gets another", async () => {
    await using server = await start({ parameters: ["--wait-timeout=1"] });
    const url = await server.account(await server.createDatabase());
    await using store = await openStore({ url });
    const { id } = await store.openMaildrop("a");
    await hasHungUp(server, url);
    await store.transact(id, GUARD, (tx) => tx.insertEntries([entry("1")]));
    await hasHungUp(server, url);
    expect(await store.entries(id, [octets("1")])).toHaveLength(1);

    await server.sql("SET GLOBAL wait_timeout = 600");
    await using long = await openStore({ url });
    await killAll(server, url);
    await hasHungUp(server, url);
    expect(await long.entries(id, [octets("1")])).toHaveLength(1);
    await killedInTransaction(long, server, url, id);
    await killedInLargeMessage(long, server, url, id);
  });
});

/** A connection that is ended in the middle of a transaction takes nothing with it that was not in it. */
async function killedInTransaction(
  store: TypeormStore,
  server: TestServer,
  url: string,
  id: number,
): Promise<void> {
  const broken = store.transact(id, GUARD, async (tx) => {
    await tx.insertEntries([entry("lost")]);
    await killAll(server, url);
    await tx.insertEntries([entry("lost too")]);
  });
  await expect(broken).rejects.toMatchObject({
    code: "store-unavailable",
    message: expect.stringMatching(/broke the connection/),
  });
  const there = await store.entries(id, ["1", "lost", "lost too"].map(octets));
  expect(there.map(({ identity }) => Buffer.from(identity).toString())).toEqual(["1"]);
}

/** The same in the middle of a large message, whose statements are sent past mysql2's own. The next connection takes it whole. */
async function killedInLargeMessage(
  store: TypeormStore,
  server: TestServer,
  url: string,
  id: number,
): Promise<void> {
  const part = new Uint8Array(3 * 2 ** 20).fill(7);
  const large = (onMiddle: () => Promise<void>) =>
    message({
      content: {
        ...{ octets: 2 * part.length, bytes: null, discard: () => undefined },
        read: async function* () {
          yield part;
          await onMiddle();
          yield part;
        },
      },
    });
  const broken = large(() => killAll(server, url));
  await expect(store.transact(id, GUARD, (tx) => tx.insertMessages([broken]))).rejects.toMatchObject({
    code: "store-unavailable",
  });
  const whole = large(async () => {});
  await store.transact(id, GUARD, (tx) => tx.insertMessages([whole]));
  const stored = Buffer.concat(await collect(store.content(whole.id)));
  expect(stored.equals(Buffer.concat([part, part]))).toBe(true);
  await expect(collect(store.content(broken.id))).rejects.toMatchObject({ code: "no-such-message" });
}

async function killAll(server: TestServer, url: string): Promise<void> {
  for (const id of await server.connections(new URL(url).username)) await server.sql(`KILL ${id}`);
}
