import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { accountOf, parseAccountUrl } from "../../src/account/account-url.ts";
import { LoginMemory, type UsedLogin } from "../../src/login/login-memory.ts";
import { freshStore } from "../oauth2/surroundings.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function used(maildrop: string, secret: string, changes: Partial<UsedLogin> = {}): UsedLogin {
  const account = accountOf(parseAccountUrl("pop3s://alice@mail.example.org"), maildrop);
  return { account, secret, place: "environment", fingerprint: null, ...changes };
}

async function memories(...names: readonly string[]) {
  const store = await freshStore();
  for (const name of names) await store.openMaildrop(name);
  let now = Date.parse("2026-11-30T10:00:00Z");
  return {
    store,
    /** As another process has it. */
    memory: () =>
      new LoginMemory(
        async () => store.logins,
        () => now,
      ),
    pass: (ms: number): void => {
      now += ms;
    },
  };
}

test("what is kept of a login that worked is a digest under a salt of its own, and no fast one", async () => {
  const { store, memory } = await memories("a", "b");
  for (const name of ["a", "b"]) await memory().worked(used(name, "geheim"));
  const [a, b] = [await store.logins.find("a"), await store.logins.find("b")];
  expect(a?.salt).not.toEqual(b?.salt);
  expect(a?.digest).not.toEqual(b?.digest);
  const { salt = new Uint8Array(), digest = new Uint8Array() } = a ?? {};
  for (const octets of ["geheim", Buffer.concat([salt, Buffer.from("geheim")])])
    for (const hash of ["md5", "sha1", "sha256", "sha512"])
      expect(Buffer.from(digest)).not.toEqual(createHash(hash).update(octets).digest());
});

test("the same login that is refused is in doubt for 24 hours or twelve logins; any other is not", async () => {
  const { memory, pass } = await memories("a", "b");
  const login = used("a", "geheim");
  expect(await memory().refused(login, true)).toBeNull();
  await memory().worked(login);
  expect(await memory().refused(used("a", "Geheim"), true)).toBeNull();
  const { account } = used("b", "geheim");
  expect(await memory().refused({ ...login, account }, true)).toBeNull();
  const elsewhere = { ...login.account, host: "pop.example.org" };
  expect(await memory().refused({ ...login, account: elsewhere }, true)).toBeNull();
  for (let n = 1; n <= 12; n++)
    expect(await memory().refused(login, true)).toMatchObject({ refusals: n, isOver: false });
  expect(await memory().refused(login, false)).toMatchObject({ refusals: 13, isOver: true });
  expect(await memory().refused(login, true)).toMatchObject({ refusals: 13, isOver: true });

  await memory().worked(login);
  expect(await memory().refused(login, true)).toMatchObject({ refusals: 1, isOver: false });
  pass(DAY - 1);
  expect(await memory().refused(login, true)).toMatchObject({ refusals: 2, isOver: false });
  pass(1);
  expect(await memory().refused(login, true)).toMatchObject({ refusals: 3, isOver: true });
});

test("a login is noted anew where its secret is another one, and left alone where its file was not touched", async () => {
  const { store, memory } = await memories("a");
  const untouched = { fingerprint: new Uint8Array(32).fill(1) };
  await memory().worked(used("a", "geheim", untouched));
  const first = await store.logins.find("a");
  await memory().worked(used("a", "geheim", untouched));
  expect(await store.logins.find("a")).toEqual(first);
  const touched = { fingerprint: new Uint8Array(32).fill(2) };
  await memory().worked(used("a", "geheim", touched));
  expect(await store.logins.find("a")).toEqual({ ...first, ...touched });
  await memory().worked(used("a", "anders"));
  const other = await store.logins.find("a");
  expect(other?.salt).not.toEqual(first?.salt);
  expect(await memory().refused(used("a", "anders"), true)).toMatchObject({ refusals: 1 });
  expect(await memory().refused(used("a", "geheim"), true)).toBeNull();
  expect(await memory().isAnother(used("a", "geheim"))).toBe(true);
  expect(await memory().isAnother(used("a", "anders"))).toBe(false);
});

test("a secret in the environment is taken for the noted one for an hour, and only to note it", async () => {
  const { store, memory, pass } = await memories("a");
  await memory().worked(used("a", "geheim"));
  const first = await store.logins.find("a");
  pass(HOUR - 1);
  await memory().worked(used("a", "anders"));
  expect(await store.logins.find("a")).toEqual(first);
  // What is made of a refusal is never decided by the hour.
  expect(await memory().refused(used("a", "anders"), true)).toBeNull();
  expect(await memory().isAnother(used("a", "anders"))).toBe(true);
  expect(await memory().refused(used("a", "geheim"), false)).toMatchObject({ refusals: 1 });
  pass(1);
  await memory().worked(used("a", "anders"));
  expect(await memory().refused(used("a", "anders"), false)).toMatchObject({ refusals: 1 });
  expect(await memory().refused(used("a", "geheim"), false)).toBeNull();
});

test("within the hour a new secret is noted at once where the noted one was refused, or the server is another", async () => {
  const { memory } = await memories("a", "b");
  const old = used("a", "geheim");
  await memory().worked(old);
  expect(await memory().refused(old, true)).toMatchObject({ refusals: 1 });
  await memory().worked(used("a", "anders"));
  expect(await memory().refused(used("a", "anders"), false)).toMatchObject({ refusals: 1 });
  expect(await memory().refused(old, false)).toBeNull();

  await memory().worked(used("b", "geheim"));
  const moved = { account: { ...used("b", "").account, host: "pop.example.org" } };
  await memory().worked(used("b", "anders", moved));
  expect(await memory().refused(used("b", "anders", moved), false)).toMatchObject({ refusals: 1 });
});

test("a file that was changed so lately that it has no fingerprint is looked into, whatever the hour", async () => {
  const { memory } = await memories("a");
  for (const secret of ["geheim", "anders"]) await memory().worked(used("a", secret, { place: "file" }));
  expect(await memory().refused(used("a", "anders"), false)).toMatchObject({ refusals: 1 });
});

test("a process that stays asks of each secret whether it is the noted one, whatever the hour", async () => {
  const { store, memory } = await memories("a");
  await memory().worked(used("a", "geheim"));
  const stays = new LoginMemory(async () => store.logins, Date.now, "later");
  await stays.worked(used("a", "anders"));
  expect(await stays.refused(used("a", "anders"), false)).toMatchObject({ refusals: 1 });
  await stays.worked(used("a", "noch anders"));
  expect(await stays.refused(used("a", "noch anders"), false)).toMatchObject({ refusals: 1 });
});

test("a process that stays notes logins one after another, and at once where one of them is refused", async () => {
  const { store } = await memories("a", "b", "c");
  const memory = new LoginMemory(async () => store.logins, Date.now, "later");
  for (const name of ["a", "b", "c"]) await memory.worked(used(name, "geheim"));
  expect(await store.logins.find("c")).toBeNull();
  expect(await memory.refused(used("c", "geheim"), true)).toMatchObject({ refusals: 1, isOver: false });
  expect(await memory.isAnother(used("b", "anders"))).toBe(true);
  expect(await memory.refused(used("a", "geheim"), false)).toMatchObject({ refusals: 1 });
  // What worked again is noted anew, and the refusals are forgotten.
  await memory.worked(used("c", "geheim"));
  expect(await memory.refused(used("c", "geheim"), true)).toMatchObject({ refusals: 1 });
});

test("a database that does not answer takes nothing from a run", async () => {
  const gone = new LoginMemory(() => Promise.reject(new Error("the database is gone")));
  await gone.worked(used("a", "geheim"));
  expect(await gone.refused(used("a", "geheim"), true)).toBeNull();
  expect(await new LoginMemory(async () => null).refused(used("a", "geheim"), true)).toBeNull();
});
