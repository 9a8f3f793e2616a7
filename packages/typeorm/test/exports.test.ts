import { DuplicateKeyError, GuardFailedError } from "@mailonce/core";
import { expect, it } from "vitest";
import type { ExportHolding, TypeormStore } from "../src/index.ts";
import { newIds, storeMessages, table } from "./content-samples.ts";
import { onEveryDatabase } from "./databases.ts";
import { collect, message } from "./samples.ts";

const FRESH = { place: null, fileOctets: 0, fileMark: null, endedCleanly: true };
const GUARD = { generation: 0, leaseToken: null };

function request(token: string, dead: readonly string[] = []) {
  return { token, owner: token, ttlMs: 60_000, isDead: (owner: string) => dead.includes(owner) };
}

/** Takes an export that nobody has. */
async function taken(store: TypeormStore, name: string, token = "t"): Promise<ExportHolding> {
  const answer = await store.exports.take(name, request(token));
  if (!("id" in answer)) throw new Error(`${answer.owner} has it`);
  return answer;
}

async function newIn(store: TypeormStore, held: ExportHolding, maildrop?: string): Promise<string[]> {
  return (await collect(store.exports.newMessages(held, maildrop))).map(({ id }) => id);
}

onEveryDatabase("an export", (database) => {
  it("has what it has not had, those stored first come first, whatever the order of their ids and commits", async () => {
    const store = await database.open();
    const [early = "", ...later] = newIds(4);
    await storeMessages(store, later);
    const held = await taken(store, "backup");
    expect(held).toMatchObject(FRESH);
    expect(await newIn(store, held)).toEqual(later);
    await store.exports.note(held, later);
    expect(await newIn(store, held)).toEqual([]);
    // Committed last, with an id that was made first.
    await storeMessages(store, [early]);
    expect(await newIn(store, held)).toEqual([early]);
    expect(await store.exports.hadAmong(held, [early, ...later])).toEqual(new Set(later));
    expect(await newIn(store, await taken(store, "Backup"))).toEqual([early, ...later]);
  });

  it("goes over more messages than one statement does, and over one maildrop alone", async () => {
    const store = await database.open();
    const ids = newIds(450);
    await storeMessages(store, ids);
    const { id } = await store.openMaildrop("b");
    const [other = ""] = newIds(1);
    await store.transact(id, GUARD, (tx) => tx.insertMessages([message({ id: other })]));
    const held = await taken(store, "backup");
    expect(await newIn(store, held)).toEqual([...ids, other]);
    await store.exports.note(
      held,
      ids.filter((_, n) => n % 9 !== 0),
    );
    expect(await newIn(store, held, "a")).toEqual(ids.filter((_, n) => n % 9 === 0));
    expect(await newIn(store, held, "b")).toEqual([other]);
    expect(await newIn(store, held, "c")).toEqual([]);
  });

  it("notes a message once, and how far it is in the same transaction", async () => {
    const store = await database.open();
    const ids = newIds(3);
    await storeMessages(store, ids);
    const held = await taken(store, "mbox");
    const place = { format: "mbox", path: "/var/spool/ä/💌 mail.mbox" };
    await store.exports.note(held, [], { place, endedCleanly: false });
    await store.exports.note(held, ids.slice(0, 1), { fileOctets: 5_000_000_000, fileMark: "m" });
    await expect(store.exports.note(held, ids, { fileOctets: 7 })).rejects.toThrow(DuplicateKeyError);
    const progress = { place, fileOctets: 5_000_000_000, fileMark: "m", endedCleanly: false };
    expect(await store.exports.all()).toEqual([{ name: "mbox", ...progress }]);
    expect(await newIn(store, held)).toEqual(ids.slice(1));
    await store.exports.release(held);
    expect(await taken(store, "mbox", "u")).toMatchObject(progress);
  });

  it("is one process's at a time, until that gives it back, dies, or is silent for too long", async () => {
    const store = await database.open();
    const ids = newIds(1);
    await storeMessages(store, ids);
    const first = await taken(store, "x", "first");
    expect(await store.exports.take("x", request("second"))).toMatchObject({ owner: "first" });
    expect(await store.exports.renew(first, 60_000)).toBe(true);
    expect(await store.exports.take("x", request("second", ["first"]))).toMatchObject({ id: first.id });
    await expect(store.exports.note(first, ids)).rejects.toThrow(GuardFailedError);
    await expect(store.exports.note(first, [], { fileOctets: 1 })).rejects.toThrow(GuardFailedError);
    await expect(store.exports.forget(first)).rejects.toThrow(GuardFailedError);
    expect(await store.exports.renew(first, 60_000)).toBe(false);
    await store.exports.release(first);
    expect(await store.exports.take("x", request("third"))).toMatchObject({ owner: "second" });
    await store.dataSource.query(
      `UPDATE ${table(store, "export")} SET lease_expires_at = '2020-01-01 00:00:00.000'`,
    );
    expect(await store.exports.take("x", request("third"))).toMatchObject(FRESH);
  });

  it("is made once by many who begin it at the same moment", async () => {
    const store = await database.open();
    const tokens = Array.from({ length: 8 }, (_, n) => `t${n}`);
    const answers = await Promise.all(tokens.map((token) => store.exports.take("x", request(token))));
    expect(answers.filter((answer) => "id" in answer)).toHaveLength(1);
    expect(await store.exports.all()).toHaveLength(1);
  });

  it("is forgotten with all that it has noted, and no other is", async () => {
    const store = await database.open();
    const ids = newIds(2);
    await storeMessages(store, ids);
    const held = await taken(store, "x");
    const other = await taken(store, "y");
    for (const each of [held, other]) await store.exports.note(each, ids);
    await store.exports.forget(held);
    expect((await store.exports.all()).map(({ name }) => name)).toEqual(["y"]);
    expect(await newIn(store, await taken(store, "x"))).toEqual(ids);
    expect(await newIn(store, other)).toEqual([]);
  });
});
