import { MailonceError } from "@mailonce/core";
import { temporaryFolder } from "@mailonce/testkit";
import { DataSource } from "typeorm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ArgumentError, createStore, openExistingStore, openStore, type TypeormStore } from "../src/index.ts";
import { collect, entry, message, nextId, octets } from "./samples.ts";

const GUARD = { generation: 0, leaseToken: null };
const LEASE = { token: "t", owner: "o", ttlMs: 1000, isDead: () => false };
const NOW = new Date("2026-11-30T00:00:00Z");
const NO_TIME = new Date(Number.NaN);
const REASON = { code: "c", message: "m" };

/** What JavaScript may hand over whatever the types say. */
// biome-ignore lint/suspicious/noExplicitAny: that is the point of it
type Anything = any;

/** Names that are no texts, ids that are none, limits that are none. */
const noText = [undefined, null, 7, {}, ["a"]];
const noMessageId = [...noText, "nope", "", "0190", "0190a5b2-7c3d-7e4f-8a1b-2c3d4e5f607g", "' OR 1=1"];
const noMaildropId = [undefined, null, "1", "a", -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, {}];
const noLimit = [null, "10", -1, 1.5, Number.NaN, {}];
const noMilliseconds = [undefined, null, "1000", Number.NaN, Number.POSITIVE_INFINITY];
const noTime = [undefined, null, "2026-11-30", 0, NO_TIME];
const noOctets = [undefined, null, "octets", [1, 2], {}];

/** The argument, what it does not take, and a call with it. */
type Case = readonly [
  argument: string,
  wrong: readonly unknown[],
  call: (store: TypeormStore, wrong: Anything, id: number) => unknown,
];

const store: readonly Case[] = [
  ["name", noText, (s, wrong) => s.findMaildrop(wrong)],
  ["maildropId", noMaildropId, (s, wrong) => collect(s.knownEntries(wrong))],
  ["maildropId", noMaildropId, (s, wrong) => collect(s.deferredEntries(wrong))],
  ["maildropId", noMaildropId, (s, wrong) => s.entries(wrong, [octets("a")])],
  ["identities", [undefined, null, "a", {}], (s, wrong, id) => s.entries(id, wrong)],
  ["identities[…]", noOctets, (s, wrong, id) => s.entries(id, [wrong])],
  ["maildropId", noMaildropId, (s, wrong) => s.entriesWithHeader(wrong, [octets("a")])],
  ["headerDigests[…]", noOctets, (s, wrong, id) => s.entriesWithHeader(id, [wrong])],
  ["request", [undefined, null, "t"], (s, wrong) => s.acquireLease("a", wrong)],
  ["request.token", noText, (s, wrong) => s.acquireLease("a", { ...LEASE, token: wrong })],
  ["request.owner", noText, (s, wrong) => s.acquireLease("a", { ...LEASE, owner: wrong })],
  ["request.ttlMs", noMilliseconds, (s, wrong) => s.acquireLease("a", { ...LEASE, ttlMs: wrong })],
  ["request.isDead", [undefined, true], (s, wrong) => s.acquireLease("a", { ...LEASE, isDead: wrong })],
  ["maildropId", noMaildropId, (s, wrong) => s.renewLease(wrong, "t", 1)],
  ["token", noText, (s, wrong, id) => s.renewLease(id, wrong, 1)],
  ["ttlMs", noMilliseconds, (s, wrong, id) => s.renewLease(id, "t", wrong)],
  ["maildropId", noMaildropId, (s, wrong) => s.releaseLease(wrong, "t")],
  ["token", noText, (s, wrong, id) => s.releaseLease(id, wrong)],
  ["end", [null, "t"], (s, wrong, id) => s.releaseLease(id, "t", wrong)],
  [
    "end.change",
    [undefined, null],
    (s, wrong, id) => s.releaseLease(id, "t", { generation: 0, change: wrong }),
  ],
  ["maildropId", noMaildropId, (s, wrong) => s.leaseHolder(wrong)],
  ["maildropId", noMaildropId, (s, wrong) => s.renameMaildrop(wrong, "b", "t")],
  ["leaseToken", noText, (s, wrong, id) => s.renameMaildrop(id, "b", wrong)],
  ["maildropId", noMaildropId, (s, wrong) => s.transact(wrong, GUARD, async () => {})],
  ["guard", [undefined, null, 0], (s, wrong, id) => s.transact(id, wrong, async () => {})],
  [
    "guard.leaseToken",
    [undefined, 7],
    (s, wrong, id) => s.transact(id, { ...GUARD, leaseToken: wrong }, async () => {}),
  ],
  ["work", [undefined, null, {}], (s, wrong, id) => s.transact(id, GUARD, wrong)],
  ["query", [null, "a", 5], (s, wrong) => collect(s.messages(wrong))],
  ["query.maildrop", [null, 7, {}], (s, wrong) => collect(s.messages({ maildrop: wrong }))],
  ["query.limit", noLimit, (s, wrong) => collect(s.messages({ limit: wrong }))],
  ["idPrefix", noText, (s, wrong) => s.findMessages(wrong)],
  ["messageId", noMessageId, (s, wrong) => s.pendingHooks(wrong)],
  ["messageId", noMessageId, (s, wrong) => collect(s.content(wrong))],
];

const transaction: readonly Case[] = (
  [
    ["identities[…]", noOctets, (tx, wrong) => tx.entries([wrong])],
    ["uniqueIds", [undefined, null, "a"], (tx, wrong) => tx.classEntries(wrong)],
    ["messageIds[…]", noMessageId, (tx, wrong) => tx.entriesNaming([wrong])],
    ["messageIds", [undefined, null, "a"], (tx, wrong) => tx.entriesNaming(wrong)],
    ["headerDigests[…]", noOctets, (tx, wrong) => tx.entriesWithHeader([wrong])],
    ["digests[…]", noOctets, (tx, wrong) => tx.copies([wrong])],
    ["messages", [undefined, null, {}], (tx, wrong) => tx.insertMessages(wrong)],
    ["messageId", noMessageId, (tx, wrong) => tx.insertMessages([{ ...message(), id: wrong }])],
    [
      "messages[…].content",
      [undefined, null, "mail"],
      (tx, wrong) => tx.insertMessages([{ ...message(), content: wrong }]),
    ],
    ["entries", [undefined, null, {}], (tx, wrong) => tx.insertEntries(wrong)],
    ["entries[…].identity", noOctets, (tx, wrong) => tx.insertEntries([{ ...entry("a"), identity: wrong }])],
    ["messageId", ["nope", 7], (tx, wrong) => tx.insertEntries([{ ...entry("a"), messageId: wrong }])],
    ["identities[…]", noOctets, (tx, wrong) => tx.deleteEntries([wrong])],
    ["change", [undefined, null, 7], (tx, wrong) => tx.updateMaildrop(wrong)],
  ] as readonly (readonly [string, readonly unknown[], (tx: Anything, wrong: Anything) => unknown])[]
).map(([argument, wrong, call]) => [
  argument,
  wrong,
  (s, given, id) => s.transact(id, GUARD, async (tx) => call(tx, given)),
]);

const KEY = { messageId: nextId(), hook: "web" };
const FAILED = { state: "dead", due: null, reason: REASON } as const;

const outbox: readonly Case[] = [
  ["query.states", [null, "dead", {}], ({ outbox: o }, wrong) => collect(o.entries({ states: wrong }))],
  [
    "query.states[…]",
    [undefined, "gone", 7],
    ({ outbox: o }, wrong) => collect(o.entries({ states: [wrong] })),
  ],
  ["query.maildrop", [null, 7], ({ outbox: o }, wrong) => collect(o.entries({ maildrop: wrong }))],
  ["idPrefix", noText, ({ outbox: o }, wrong) => o.find(wrong)],
  ["now", noTime, ({ outbox: o }, wrong) => o.claim(wrong, 1)],
  ["claimMs", noMilliseconds, ({ outbox: o }, wrong) => o.claim(NOW, wrong)],
  ["key.messageId", noMessageId, ({ outbox: o }, wrong) => o.settle({ ...KEY, messageId: wrong }, FAILED)],
  ["key.hook", noText, ({ outbox: o }, wrong) => o.settle({ ...KEY, hook: wrong }, FAILED)],
  ["result.state", [undefined, "gone"], ({ outbox: o }, wrong) => o.settle(KEY, { ...FAILED, state: wrong })],
  ["result.at", noTime, ({ outbox: o }, wrong) => o.settle(KEY, { state: "delivered", at: wrong })],
  [
    "result.due",
    [undefined, "soon", NO_TIME],
    ({ outbox: o }, wrong) => o.settle(KEY, { ...FAILED, due: wrong }),
  ],
  [
    "keys[…].messageId",
    noMessageId,
    ({ outbox: o }, wrong) => o.release([{ ...KEY, messageId: wrong }], NOW),
  ],
  ["now", noTime, ({ outbox: o }, wrong) => o.release([], wrong)],
  ["keys", [undefined, null, {}], ({ outbox: o }, wrong) => o.retry(wrong, NOW)],
  ["keys[…].hook", noText, ({ outbox: o }, wrong) => o.drop([{ ...KEY, hook: wrong }])],
  ["before", noTime, ({ outbox: o }, wrong) => o.prune(wrong)],
];

const CLAIM = { parser: 1, limit: 10, token: "t", ttlMs: 1000 };
const PART = {
  ...{ number: "1", mimeType: "text/plain", charset: null, fileName: null, disposition: null },
  ...{ contentId: null, octets: 1, sha256: new Uint8Array(32), use: "text" },
} as const;
const ADDRESS = { role: "from", address: "a@b", displayName: null } as const;
const CONTENT = {
  ...{ id: nextId(), parser: 1, text: null, textCut: false, html: null, preview: null, hasAttachment: false },
  ...{ inReplyTo: null, references: [], faults: [], parts: [PART], addresses: [ADDRESS] },
} as const;
const noVersion = [undefined, null, "1", -1, 1.5, Number.NaN];
const noTextOrNull = [undefined, 7, {}];
const noList = [undefined, null, "a", {}];

const save = (s: TypeormStore, change: Anything): unknown =>
  s.contents.save("t", [{ ...CONTENT, ...change }]);
const savePart = (s: TypeormStore, change: Anything): unknown => save(s, { parts: [{ ...PART, ...change }] });

const contents: readonly Case[] = [
  ["claim", [undefined, null, 7], ({ contents: c }, wrong) => c.claim(wrong)],
  ["claim.parser", noVersion, ({ contents: c }, wrong) => c.claim({ ...CLAIM, parser: wrong })],
  ["claim.limit", noLimit, ({ contents: c }, wrong) => c.claim({ ...CLAIM, limit: wrong })],
  ["claim.token", noText, ({ contents: c }, wrong) => c.claim({ ...CLAIM, token: wrong })],
  ["claim.ttlMs", noMilliseconds, ({ contents: c }, wrong) => c.claim({ ...CLAIM, ttlMs: wrong })],
  [
    "claim.rebuildBefore",
    [null, "now", NO_TIME],
    ({ contents: c }, wrong) => c.claim({ ...CLAIM, rebuildBefore: wrong }),
  ],
  ["token", noText, ({ contents: c }, wrong) => c.renew(wrong, 1)],
  ["ttlMs", noMilliseconds, ({ contents: c }, wrong) => c.renew("t", wrong)],
  ["token", noText, ({ contents: c }, wrong) => c.release(wrong)],
  ["id", noMessageId, ({ contents: c }, wrong) => c.fail("t", wrong, "no")],
  ["reason", noText, ({ contents: c }, wrong) => c.fail("t", nextId(), wrong)],
  ["messageId", noMessageId, ({ contents: c }, wrong) => c.read(wrong)],
  ["parser", noVersion, ({ contents: c }, wrong) => c.status(wrong)],
  ["attachments", noList, ({ contents: c }, wrong) => c.keepAttachments(wrong)],
  [
    "attachments[…].sha256",
    noOctets,
    ({ contents: c }, wrong) => c.keepAttachments([{ sha256: wrong, content: message().content }]),
  ],
  [
    "attachments[…].content",
    [undefined, null, 7],
    ({ contents: c }, wrong) => c.keepAttachments([{ sha256: octets("a"), content: wrong }]),
  ],
  ["digests", noList, ({ contents: c }, wrong) => c.missingAttachments(wrong)],
  ["digests[…]", noOctets, ({ contents: c }, wrong) => c.missingAttachments([wrong])],
  ["contents[…].attachments[…]", noOctets, (s, wrong) => save(s, { attachments: [wrong] })],
  ["sha256", noOctets, ({ contents: c }, wrong) => c.attachmentContent(wrong)],
  ["contents", noList, ({ contents: c }, wrong) => c.save("t", wrong)],
  ["contents[…].id", noMessageId, (s, wrong) => save(s, { id: wrong })],
  ["contents[…].parser", noVersion, (s, wrong) => save(s, { parser: wrong })],
  ["contents[…].text", noTextOrNull, (s, wrong) => save(s, { text: wrong })],
  ["contents[…].references", noList, (s, wrong) => save(s, { references: wrong })],
  ["contents[…].faults[…]", noText, (s, wrong) => save(s, { faults: [wrong] })],
  ["contents[…].parts", noList, (s, wrong) => save(s, { parts: wrong })],
  ["contents[…].parts[…].number", noText, (s, wrong) => savePart(s, { number: wrong })],
  ["contents[…].parts[…].fileName", noTextOrNull, (s, wrong) => savePart(s, { fileName: wrong })],
  ["contents[…].parts[…].disposition", [undefined, "x"], (s, wrong) => savePart(s, { disposition: wrong })],
  ["contents[…].parts[…].octets", noVersion, (s, wrong) => savePart(s, { octets: wrong })],
  ["contents[…].parts[…].sha256", noOctets, (s, wrong) => savePart(s, { sha256: wrong })],
  ["contents[…].parts[…].use", [undefined, "x"], (s, wrong) => savePart(s, { use: wrong })],
  [
    "contents[…].addresses[…].role",
    [undefined, "x"],
    (s, wrong) => save(s, { addresses: [{ ...ADDRESS, role: wrong }] }),
  ],
  [
    "contents[…].addresses[…].address",
    noText,
    (s, wrong) => save(s, { addresses: [{ ...ADDRESS, address: wrong }] }),
  ],
];

const others: readonly Case[] = [
  ["account", noText, ({ tokens }, wrong) => tokens.find(wrong)],
  ["account", noText, ({ tokens }, wrong) => tokens.put(wrong, octets("a"))],
  ["sealed", noOctets, ({ tokens }, wrong) => tokens.put("a", wrong)],
  ["account", noText, ({ tokens }, wrong) => tokens.remove(wrong)],
  ["version", noText, ({ tokens }, wrong) => tokens.claim("a", wrong, LEASE)],
  [
    "request.ttlMs",
    noMilliseconds,
    ({ tokens }, wrong) => tokens.claim("a", "v", { ...LEASE, ttlMs: wrong }),
  ],
  ["token", noText, ({ tokens }, wrong) => tokens.release("a", wrong)],
  ["outcome", [undefined, null, "ok"], ({ tokens }, wrong) => tokens.settle("a", "v", wrong)],
  ["outcome.sealed", noOctets, ({ tokens }, wrong) => tokens.settle("a", "v", { sealed: wrong })],
  ["account", [undefined, null], ({ accounts }, wrong) => accounts.add(wrong)],
  [
    "account.name",
    [...noText, "x".repeat(513), "a\0b"],
    ({ accounts }, wrong) => accounts.add({ name: wrong, settings: "{}" }),
  ],
  ["account.settings", noText, ({ accounts }, wrong) => accounts.add({ name: "a", settings: wrong })],
  ["name", noText, ({ accounts }, wrong) => accounts.remove(wrong)],
  ["address", noText, ({ addresses }, wrong) => addresses.maildropsOf(wrong)],
  ["maildrop", noText, ({ addresses }, wrong) => addresses.note(wrong, "a@b")],
  ["address", noText, ({ addresses }, wrong) => addresses.note("a", wrong)],
  ["maildrop", noText, ({ standings }, wrong) => standings.find(wrong)],
  ["all", [undefined, null, {}, []], ({ standings }, wrong) => standings.put(wrong)],
  ["all: a standing", [undefined, null, 7], ({ standings }, wrong) => standings.put(new Map([["a", wrong]]))],
];

describe("what is none of what a method takes is refused with the argument's name and what it takes", () => {
  const folder = temporaryFolder("mailonce-typeorm-");
  const opened: { store?: TypeormStore; id?: number } = {};
  beforeAll(async () => {
    opened.store = await openStore({ url: `sqlite:${folder.path}/mail.db` });
    opened.id = (await opened.store.openMaildrop("a")).id;
  });
  afterAll(async () => {
    await opened.store?.[Symbol.asyncDispose]();
    await folder.remove();
  });

  for (const [title, cases] of Object.entries({ store, transaction, outbox, contents, others }))
    for (const [argument, wrong, call] of cases)
      it(`${title}: ${argument} in ${String(call).replace(/\s+/g, " ").slice(0, 100)}`, async () => {
        for (const value of wrong) {
          const error: unknown = await Promise.resolve()
            .then(() => call(opened.store as TypeormStore, value, opened.id ?? 0))
            .catch((reason: unknown) => reason);
          expect(error, `of ${String(value)}`).toBeInstanceOf(ArgumentError);
          expect(error).toMatchObject({ code: "argument", argument });
          expect((error as Error).message).toMatch(/ must be .+; it is .+\.$/);
          expect((error as Error).message).toContain(argument);
        }
      });

  it("the names of maildrops and accounts that are written, as ever by a code of their own", async () => {
    for (const name of [...noText, "x".repeat(513), "a\0b", "\ud800"] as Anything[]) {
      const error: unknown = await opened.store?.openMaildrop(name).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(MailonceError);
      expect(error).toMatchObject({ code: "maildrop-name" });
    }
    await expect(opened.store?.tokens.put("x".repeat(513), octets("a"))).rejects.toMatchObject({
      code: "maildrop-name",
    });
  });

  it("options of stores", async () => {
    const url = `sqlite:${folder.path}/other.db`;
    const options: readonly (readonly [string, Anything])[] = [
      ["argument", undefined],
      ["argument", null],
      ["database-url", {}],
      ["database-url", { url: 7 }],
      ["argument", { url, password: 7 }],
      ["argument", { url, patienceMs: -1 }],
      ["argument", { url, patienceMs: "30s" }],
      ["argument", { url, answerMs: Number.NaN }],
      ["argument", { url, onNewFile: "tell" }],
      ["table-prefix", { url, tablePrefix: null }],
      ["sqlite-driver", { url, driver: "better-sqlite3" }],
    ];
    for (const [code, given] of options)
      for (const open of [openStore, openExistingStore]) {
        const error: unknown = await open(given).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(MailonceError);
        expect(error).toMatchObject({ code });
      }
    const closed = new DataSource({ type: "better-sqlite3", driver: class {}, database: ":memory:" });
    for (const [code, dataSource] of [
      ["argument", undefined],
      ["argument", "sqlite:mail.db"],
      ["argument", {}],
      ["store-unsupported", { options: { type: "postgres" } }],
      ["store-closed", closed],
    ] as readonly (readonly [string, Anything])[])
      expect(() => createStore(dataSource)).toThrow(expect.objectContaining({ code }));
  });

  it("and takes nothing more than a word of it: it may hold mail, or a secret", async () => {
    const secret = { password: "s3cret" } as Anything;
    for (const value of [secret, ["s3cret"], "s3cret".repeat(20)] as Anything[]) {
      const error: unknown = await opened.store?.pendingHooks(value).catch((reason: unknown) => reason);
      expect(String(error)).not.toContain("s3cret");
    }
  });
});
