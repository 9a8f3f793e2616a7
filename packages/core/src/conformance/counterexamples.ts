import assert from "node:assert/strict";
import type { Criteria } from "../criteria/criteria.ts";
import { ContentRefusedError } from "../errors.ts";
import type { MemoryMail } from "../memory/server.ts";
import { readHeader } from "../message/header.ts";
import type { LedgerTransaction } from "../ports/ledger.ts";
import type { MessageStore } from "../ports/store.ts";
import { NO_COUNTS } from "../report/outcome.ts";
import type { ConformanceCase } from "./case.ts";
import { failureCounterexamples } from "./failures.ts";
import { sha256 } from "./sample.ts";
import type { StoreContext } from "./store.ts";
import { inWorld, mail, World, weakMail } from "./world.ts";

/** Criteria that accept messages whose subject begins with this text. */
function subject(beginning: string): Criteria {
  return {
    digest: sha256(`subject:${beginning}`),
    accepts: ({ block }) => readHeader(block).subject?.startsWith(beginning) ?? false,
  };
}

function asOctets(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

/** The same store, which refuses contents that contain `text` as long as `refuses` is true. */
function refusing(store: MessageStore, text: string, state: { refuses: boolean }): MessageStore {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      if (name !== "transact") return value.bind(target);
      const transact: MessageStore["transact"] = (id, guard, work) =>
        target.transact(id, guard, (tx) => work(refusingTransaction(tx, text, state)));
      return transact;
    },
  });
}

function refusingTransaction(
  tx: LedgerTransaction,
  text: string,
  state: { refuses: boolean },
): LedgerTransaction {
  return new Proxy(tx, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      if (name !== "insertMessages") return value.bind(target);
      const insert: LedgerTransaction["insertMessages"] = async (messages) => {
        for (const { content } of messages)
          if (state.refuses && Buffer.from(content.bytes ?? []).includes(text))
            throw new ContentRefusedError("too odd");
        return target.insertMessages(messages);
      };
      return insert;
    },
  });
}

/** The numbered cases in which earlier rules, which looked right, lost mail, stored it twice or retrieved it for ever. */
export const counterexamples: readonly ConformanceCase<StoreContext>[] = [
  inWorld("1: the mark covers an id, and an unlike message arrives under the same id", async (world) => {
    world.maildrop.deliver(mail("A"), "X");
    await world.fetchAll();
    world.maildrop.deliver(mail("B"), "X");
    await world.fetchAll();
    assert.deepEqual(await world.stored(), world.listed());
  }),
  inWorld("2: without UIDL one message takes another's place, and the listing is equal", async (world) => {
    world.maildrop.uidl = false;
    world.maildrop.deliver(mail("A"));
    await world.fetchAll();
    world.maildrop.mails.length = 0;
    world.maildrop.deliver(mail("B"));
    await world.fetchAll();
    assert.deepEqual(await world.stored(), [mail("A"), mail("B")]);
  }),
  inWorld("3: a unique-id is reused for a message of another size", async (world) => {
    world.maildrop.deliver(mail("A"), "X");
    await world.fetchAll();
    world.maildrop.mails.length = 0;
    world.maildrop.deliver(mail("B, larger"), "X");
    await world.fetchAll();
    assert.deepEqual(await world.stored(), [mail("A"), mail("B, larger")]);
    assert.deepEqual((await world.fetch()).retrieved, []);
  }),
  inWorld("4: skipped mail is asked again when the criteria change, and only that", async (world) => {
    for (const text of ["a 1", "b 1", "a 2"]) world.maildrop.deliver(mail(text));
    const first = await world.fetchAll({ criteria: subject("a") });
    assert.equal(first.summary.counts.known, 3);
    assert.deepEqual(await world.stored(), [mail("a 1"), mail("a 2")]);
    const changed = await world.fetch({ criteria: subject("b") });
    assert.deepEqual(changed.retrieved, [2]);
    assert.deepEqual(
      changed.commands.filter((command) => command.startsWith("TOP")),
      ["TOP 2 0"],
    );
    assert.deepEqual(await world.stored(), [mail("a 1"), mail("a 2"), mail("b 1")]);
  }),
  inWorld("5: a look-alike is listed before the message that is stored", async (world) => {
    world.maildrop.uidl = false;
    const known = world.maildrop.deliver(weakMail("same", "body A"));
    await world.fetchAll();
    world.maildrop.mails.length = 0;
    world.maildrop.deliver(weakMail("same", "body B"));
    world.maildrop.mails.push(known);
    await world.fetch();
    assert.deepEqual(await world.stored(), world.listed());
    assert.deepEqual((await world.fetch()).retrieved, []);
  }),
  inWorld(
    "6: a duplicate key is not read as known: a run commits another message under the id first",
    async (world) => {
      world.maildrop.deliver(mail("warm-up, so that TOP is proven"));
      await world.fetchAll();
      const first = world.maildrop.deliver(mail("A"), "X");
      world.maildrop.beforeRetr = async () => {
        // While the first run retrieves A, another run lists B under the same unique-id and commits it.
        world.maildrop.beforeRetr = null;
        const restore = world.listOnly();
        world.maildrop.deliver(mail("B, larger"), "X");
        assert.equal((await world.fetch()).summary.counts.stored, 1);
        world.maildrop.mails.length = 0;
        restore();
      };
      await world.fetch();
      world.maildrop.beforeRetr = null;
      await world.fetchAll();
      const stored = await world.stored();
      assert.ok(stored.includes(Buffer.from(first.octets).toString("latin1")));
      assert.ok(stored.includes(mail("B, larger")));
      assert.equal(stored.length, 3);
    },
  ),
  inWorld("7: another body under the weak header of a message that is gone", async (world) => {
    world.maildrop.deliver(weakMail("same", "body A"));
    await world.fetchAll();
    world.maildrop.mails.length = 0;
    world.maildrop.deliver(weakMail("same", "body B"));
    await world.fetchAll();
    assert.deepEqual(await world.stored(), [weakMail("same", "body A"), weakMail("same", "body B")]);
  }),
  inWorld("8: the server writes volatile fields into stored mail", async (world) => {
    const one = world.maildrop.deliver(mail("A"));
    const two = world.maildrop.deliver(weakMail("B"));
    await world.fetchAll();
    one.octets = asOctets(`Status: RO\r\n${mail("A")}`);
    two.octets = asOctets(`Status: RO\r\nX-UID: 7\r\n${weakMail("B")}`);
    const again = await world.fetch();
    assert.deepEqual(again.retrieved, []);
    assert.equal(again.summary.counts.known, 2);
    world.maildrop.renumber();
    one.octets = asOctets(`Status: O\r\n${mail("A")}`);
    await world.fetchAll();
    assert.equal((await world.stored()).length, 2);
  }),
  inWorld("9: UIDL fails for one run, then works again", async (world) => {
    for (const text of ["A", "B", "C"]) world.maildrop.deliver(mail(text));
    await world.fetchAll();
    world.maildrop.uidl = false;
    await world.fetch();
    world.maildrop.uidl = true;
    const last = await world.fetch();
    assert.deepEqual(await world.stored(), world.listed());
    assert.deepEqual(last.retrieved, []);
  }),
  inWorld("10: TOP gives one header for all", async (world) => {
    world.maildrop.top = "same for all";
    for (const text of ["a 1", "b 1", "a 2"]) world.maildrop.deliver(mail(text));
    await world.fetchAll({ criteria: subject("a") });
    assert.deepEqual(await world.stored(), [mail("a 1"), mail("a 2")]);
    world.maildrop.renumber();
    world.maildrop.uidl = false;
    world.maildrop.deliver(mail("a 3"));
    await world.fetch({ criteria: subject("a") });
    assert.deepEqual(await world.stored(), [mail("a 1"), mail("a 2"), mail("a 3")]);
  }),
  inWorld("11: neither UIDL nor TOP: the size is no identity", async (world) => {
    world.maildrop.uidl = false;
    world.maildrop.top = "refused";
    world.maildrop.deliver(mail("A"));
    await world.fetch();
    world.maildrop.mails.length = 0;
    world.maildrop.deliver(mail("B"));
    await world.fetch();
    await world.fetch();
    assert.deepEqual(await world.stored(), [mail("A"), mail("B")]);
  }),
  {
    name: "12: a server that hides what was retrieved, and a database that refuses it",
    async run({ open }) {
      const state = { refuses: true };
      const world = new World(refusing(await open(), "odd one", state));
      world.maildrop.hidesRetrieved = true;
      for (const text of ["A", "odd one", "B"]) world.maildrop.deliver(mail(text));
      const first = await world.fetch();
      assert.equal(first.quit, false);
      assert.deepEqual({ ...first.summary.counts, known: 0 }, { ...NO_COUNTS, stored: 2, deferred: 1 });
      state.refuses = false;
      await world.fetch();
      assert.deepEqual(await world.stored(), [mail("A"), mail("B"), mail("odd one")]);
    },
  },
  inWorld("13: a window that is full of mail which a run committed before it died", async (world) => {
    world.maildrop.hidesRetrieved = true;
    world.maildrop.window = 2;
    for (const text of ["A", "B", "C", "D"]) world.maildrop.deliver(mail(text));
    const sessions = world.maildrop.sessions;
    world.maildrop.connect = ((connect) => () => {
      const session = connect.call(world.maildrop);
      session.quit = async () => session.close();
      return session;
    })(world.maildrop.connect);
    await world.fetch({ retrievalHides: true });
    Reflect.deleteProperty(world.maildrop, "connect");
    assert.equal((await world.stored()).length, 2);
    for (let runs = 0; runs < 3; runs++) await world.fetch({ retrievalHides: true });
    assert.equal(sessions.length, 4);
    assert.deepEqual(
      await world.stored(),
      ["A", "B", "C", "D"].map((text) => mail(text)),
    );
  }),
  inWorld("14: a message that was refused for weeks is stored once it can be had", async (world) => {
    const one = world.maildrop.deliver(mail("A"));
    one.refused = true;
    let day = 1;
    const now = (): Date => new Date(Date.UTC(2026, 0, day));
    for (; day < 30; day++) await world.fetch({ now });
    one.refused = false;
    day++;
    await world.fetch({ now });
    assert.deepEqual(await world.stored(), [mail("A")]);
  }),
  inWorld("15: a message that kills the process stands first", async (world) => {
    const poison = world.maildrop.deliver(mail("poison"));
    for (const text of ["A", "B"]) world.maildrop.deliver(mail(text));
    for (let kills = 0; kills < 3; kills++) await world.killedBy(poison);
    assert.deepEqual(await world.stored(), [mail("A"), mail("B")]);
  }),
  inWorld("16: a message that breaks each session does not keep new mail waiting", async (world) => {
    const breaking = world.maildrop.deliver(mail("breaking"));
    breaking.breaks = true;
    for (let runs = 0; runs < 3; runs++) await world.fetch();
    for (const [days, text] of ["A", "B", "C"].entries()) {
      world.maildrop.deliver(mail(text));
      // At that time the message that breaks the session is due again.
      const now = () => new Date(Date.now() + 2 * (days + 1) * DAY_MS);
      const fetched = await world.fetch({ now });
      assert.equal(fetched.error, null);
      assert.equal(fetched.summary.counts.stored, 1);
      assert.equal(fetched.summary.retries, 1);
      await world.fetch({ now, only: "retries" });
    }
  }),
  inWorld("17: full, then empty, then full and renumbered", async (world) => {
    for (const text of ["A", "B", "C"]) world.maildrop.deliver(mail(text));
    await world.fetchAll();
    const restore = world.listOnly();
    await world.fetch();
    restore();
    world.maildrop.renumber();
    const back = await world.fetch();
    assert.deepEqual(back.retrieved, []);
    assert.deepEqual(await world.stored(), world.listed());
  }),
  inWorld(
    "18: octets changed, the criteria reject, and there is no TOP: retrieved once, not for ever",
    async (world) => {
      world.maildrop.top = "refused";
      const one = world.maildrop.deliver(mail("b"));
      await world.fetchAll({ criteria: subject("a") });
      one.listedOctets = one.octets.length - 1;
      assert.deepEqual((await world.fetch({ criteria: subject("a") })).retrieved, [1]);
      assert.deepEqual((await world.fetch({ criteria: subject("a") })).retrieved, []);
      assert.deepEqual(await world.stored(), []);
    },
  ),
  inWorld("19: a unique-id is reused, and STAT's total stays the same", async (world) => {
    world.maildrop.deliver(mail("A", "12345"), "X");
    world.maildrop.deliver(mail("C", "123"), "Y");
    await world.fetchAll();
    world.maildrop.mails.length = 0;
    world.maildrop.deliver(mail("B", "123"), "X");
    world.maildrop.deliver(mail("D", "12345"), "Y");
    await world.fetchAll();
    assert.equal((await world.stored()).length, 4);
  }),
  inWorld("20: one of two copies is retrieved again: no third copy", async (world) => {
    world.maildrop.top = "refused";
    world.maildrop.deliver(mail("twice"));
    const second = world.maildrop.deliver(mail("twice"));
    await world.fetchAll();
    second.listedOctets = second.octets.length - 1;
    assert.deepEqual((await world.fetch()).retrieved, [2]);
    assert.equal((await world.stored()).length, 2);
  }),
  inWorld("21: a copy was seen while its twin was hidden; then both are listed", async (world) => {
    const [first, second] = twins(world);
    const restoreAll = world.listOnly(first);
    await world.fetchAll();
    world.listOnly(second);
    assert.equal((await world.fetch()).summary.counts.rebound, 1);
    restoreAll();
    await world.fetchAll();
    assert.equal((await world.stored()).length, 2);
    assert.deepEqual((await world.fetch()).retrieved, []);
  }),
  inWorld("22: the same, where the first of them was marked as known", async (world) => {
    // By this message TOP proves itself, so that the baseline notes headers.
    const other = world.maildrop.deliver(mail("other"));
    await world.fetchAll();
    const [first, second] = twins(world);
    const restoreAll = world.listOnly(other, first);
    await world.baseline();
    world.listOnly(other, second);
    assert.equal((await world.fetch()).summary.counts.rebound, 1);
    restoreAll();
    await world.fetchAll();
    assert.deepEqual(await world.stored(), [mail("other"), mail("twice")]);
    assert.deepEqual((await world.fetch()).retrieved, []);
  }),
  inWorld("23: the same as 21, and a mark covers the copy", async (world) => {
    const [first, second] = twins(world);
    const restoreAll = world.listOnly(first);
    await world.fetchAll();
    world.listOnly(second);
    await world.fetch();
    assert.equal((await world.store.findMaildrop(world.name))?.mark?.count, 1);
    restoreAll();
    world.maildrop.mails.reverse();
    await world.fetchAll();
    assert.equal((await world.stored()).length, 2);
  }),
  inWorld("24: skipped mail is renumbered, then the criteria change", async (world) => {
    world.maildrop.deliver(mail("a"));
    world.maildrop.deliver(mail("b"));
    await world.fetchAll({ criteria: subject("a") });
    world.maildrop.renumber();
    const renumbered = await world.fetch({ criteria: subject("a") });
    assert.deepEqual(renumbered.retrieved, []);
    await world.fetchAll();
    assert.deepEqual(await world.stored(), [mail("a"), mail("b")]);
  }),
  inWorld("25: UIDL was refused once, so one message has two rows; then all is renumbered", async (world) => {
    for (const text of ["A", "B"]) world.maildrop.deliver(mail(text));
    await world.fetchAll();
    world.maildrop.uidl = false;
    await world.fetch();
    world.maildrop.uidl = true;
    world.maildrop.renumber();
    const renumbered = await world.fetch();
    assert.deepEqual(renumbered.retrieved, []);
    assert.equal(renumbered.summary.counts.rebound, 2);
  }),
  inWorld("26: two entries could be bound to one message within one run", async (world) => {
    world.maildrop.deliver(mail("twice"));
    await world.fetchAll();
    world.maildrop.mails.length = 0;
    twins(world);
    await world.fetchAll();
    assert.equal((await world.stored()).length, 2);
    assert.deepEqual((await world.fetch()).retrieved, []);
  }),
  inWorld("27: a reused unique-id is bound to a message whose own id a run did not see", async (world) => {
    const reused = world.maildrop.deliver(weakMail("same", "body B"), "u2");
    const other = world.maildrop.deliver(weakMail("same", "body A, larger"), "u4");
    await world.fetchAll();
    reused.octets = other.octets;
    const restore = world.listOnly(reused);
    await world.fetchAll();
    restore();
    await world.fetchAll();
    const copy = weakMail("same", "body A, larger");
    assert.deepEqual(await world.stored(), [copy, copy, weakMail("same", "body B")]);
    assert.deepEqual((await world.fetch()).retrieved, []);
  }),
  inWorld(
    "28: a unique-id of mail that was marked as known without TOP is reused, and a window is moved on",
    async (world) => {
      world.maildrop.top = "refused";
      world.maildrop.hidesRetrieved = true;
      world.maildrop.deliver(mail("marked"), "X");
      await world.baseline();
      assert.deepEqual((await world.fetch({ retrievalHides: true })).retrieved, [1]);
      world.maildrop.deliver(mail("unread"), "X");
      await world.fetch({ retrievalHides: true });
      assert.deepEqual(await world.stored(), [mail("unread")]);
      assert.deepEqual(world.maildrop.mails, []);
    },
  ),
  inWorld("29: LIST once says one octet too many of a look-alike under a reused unique-id", async (world) => {
    const [before, after] = [weakMail("same", "body A"), weakMail("same", "body B")];
    world.maildrop.deliver(before, "u1");
    await world.fetchAll();
    world.maildrop.mails.length = 0;
    const reused = world.maildrop.deliver(after, "u1");
    world.maildrop.deliver(before, "u2");
    reused.listedOctets = reused.octets.length + 1;
    await world.fetchAll();
    reused.listedOctets = reused.octets.length;
    await world.fetchAll();
    assert.deepEqual(await world.stored(), [before, after]);
    assert.deepEqual((await world.fetch()).retrieved, []);
  }),
  inWorld(
    "30: marked mail without unique-ids fills the window of a server that hides what was retrieved",
    async (world) => {
      world.maildrop.uidl = false;
      world.maildrop.hidesRetrieved = true;
      world.maildrop.window = 2;
      for (const text of ["marked", "marked, too"]) world.maildrop.deliver(mail(text));
      await world.baseline();
      world.maildrop.deliver(mail("new"));
      await world.fetch({ retrievalHides: true });
      await world.fetch({ retrievalHides: true });
      assert.deepEqual(await world.stored(), [mail("new")]);
    },
  ),
  inWorld(
    "31: a unique-id is reused twice, and the message that had it in between comes back under another",
    async (world) => {
      world.maildrop.top = "refused";
      world.maildrop.deliver(mail("marked"), "u1");
      await world.baseline();
      world.maildrop.mails.length = 0;
      world.maildrop.deliver(mail("in between"), "u1");
      await world.fetchAll();
      world.maildrop.mails.length = 0;
      world.maildrop.deliver(mail("in between"), "u2");
      world.maildrop.deliver(mail("at last"), "u1");
      await world.fetchAll();
      assert.deepEqual(await world.stored(), [mail("at last"), mail("in between")]);
    },
  ),
  inWorld(
    "32: a look-alike comes after the others of its class are gone, under a unique-id that others share",
    async (world) => {
      const share = (body: string) => world.maildrop.deliver(weakMail("same", body), "shared");
      const gone = [share("A"), share("A")];
      for (const body of ["another", "another"]) share(body);
      await world.fetchAll();
      for (const one of gone) world.maildrop.mails.splice(world.maildrop.mails.indexOf(one), 1);
      await world.fetchAll();
      share("B");
      await world.fetchAll();
      assert.deepEqual(
        await world.stored(),
        ["A", "B", "another"].map((body) => weakMail("same", body)),
      );
    },
  ),
  inWorld(
    "33: three copies are new, one of them under the reused unique-id of marked mail",
    async (world) => {
      world.maildrop.deliver(weakMail("same", "marked"), "u1");
      await world.baseline();
      world.maildrop.mails.length = 0;
      for (const id of ["u2", "u1", "u3"]) world.maildrop.deliver(weakMail("same", "one of three"), id);
      await world.fetch();
      assert.deepEqual(await world.stored(), world.listed());
      assert.deepEqual((await world.fetch()).retrieved, []);
    },
  ),
  ...failureCounterexamples,
];

const DAY_MS = 24 * 3_600_000;

function twins(world: World): readonly [MemoryMail, MemoryMail] {
  return [world.maildrop.deliver(mail("twice")), world.maildrop.deliver(mail("twice"))];
}
