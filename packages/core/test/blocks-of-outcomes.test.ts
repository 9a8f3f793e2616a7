import { checkMaildrop, fetchMaildrop, type LedgerTransaction, type Outcome, type Run } from "@mailonce/core";
import { InMemoryMaildrop, InMemorySpool, InMemoryStore } from "@mailonce/core/memory";
import { expect, test } from "vitest";

function maildropOf(messages: number): InMemoryMaildrop {
  const maildrop = new InMemoryMaildrop();
  for (let n = 1; n <= messages; n++)
    maildrop.deliver(`Subject: number ${n}\r\n\r\nThis is message ${n}.\r\n`);
  return maildrop;
}

function fetchFrom(maildrop: InMemoryMaildrop, store: InMemoryStore): Run {
  return fetchMaildrop({
    session: maildrop.connect(),
    store,
    maildrop: "joe@example.org",
    spool: new InMemorySpool(),
  });
}

const idsOf = (outcomes: readonly Outcome[]): readonly string[] =>
  outcomes.flatMap((outcome) => (outcome.kind === "stored" ? [outcome.id] : []));

/** A store that remembers which messages each transaction has stored. */
class RememberingStore extends InMemoryStore {
  readonly commits: (readonly string[])[] = [];

  override async transact<T>(
    ...[maildropId, guard, work]: [
      number,
      Parameters<InMemoryStore["transact"]>[1],
      (tx: LedgerTransaction) => Promise<T>,
    ]
  ): Promise<T> {
    const stored: string[] = [];
    const result = await super.transact(maildropId, guard, (tx) => {
      const insertMessages: LedgerTransaction["insertMessages"] = async (messages) => {
        await tx.insertMessages(messages);
        stored.push(...messages.map(({ id }) => id));
      };
      return work({ ...tx, insertMessages });
    });
    if (stored.length > 0) this.commits.push(stored);
    return result;
  }
}

test("the outcomes of one commit come together, in their order, when they are committed", async () => {
  const store = new RememberingStore();
  const blocks: (readonly string[])[] = [];
  for await (const outcomes of fetchFrom(maildropOf(700), store).blocks()) {
    expect(outcomes.length).toBeGreaterThan(0);
    blocks.push(idsOf(outcomes));
    expect(store.commits.flat().slice(0, blocks.flat().length)).toEqual(blocks.flat());
  }
  expect(blocks.flat()).toEqual(store.commits.flat());
  expect(blocks.flat()).toHaveLength(700);
  expect(blocks.length).toBeLessThanOrEqual(store.commits.length);
  for (const commit of store.commits)
    expect(blocks.filter((block) => commit.some((id) => block.includes(id)))).toHaveLength(1);
});

test("one by one the outcomes are those of the blocks", async () => {
  const maildrop = maildropOf(450);
  const numbers: number[] = [];
  for await (const { messageNumber } of fetchFrom(maildrop, new InMemoryStore())) numbers.push(messageNumber);
  const inBlocks: number[] = [];
  for await (const outcomes of fetchFrom(maildrop, new InMemoryStore()).blocks())
    inBlocks.push(...outcomes.map(({ messageNumber }) => messageNumber));
  expect(numbers).toEqual(inBlocks);
  expect(numbers).toHaveLength(450);
});

test("a block has no more outcomes than a program can take at once, however many are decided in one look", async () => {
  const maildrop = maildropOf(2500);
  const rejects = { digest: new Uint8Array([1]), byOctets: () => false, accepts: () => false };
  const run = checkMaildrop({
    session: maildrop.connect(),
    store: null,
    maildrop: "joe@example.org",
    criteria: rejects,
  });
  const sizes: number[] = [];
  for await (const outcomes of run.blocks()) sizes.push(outcomes.length);
  expect(sizes).toEqual([1000, 1000, 500]);
});

test("whoever leaves the blocks early ends the session; what arrived whole is kept, and the next run has the rest", async () => {
  const maildrop = maildropOf(700);
  const store = new InMemoryStore();
  const told: string[] = [];
  const run = fetchFrom(maildrop, store);
  for await (const outcomes of run.blocks()) {
    told.push(...idsOf(outcomes));
    break;
  }
  const [session] = maildrop.sessions;
  expect(session?.commands).not.toContain("QUIT");
  await expect(session?.listings().next()).rejects.toThrow();
  expect(run.summary.complete).toBe(false);
  const kept = new Set<string>();
  for await (const { id } of store.messages()) kept.add(id);
  expect(told.every((id) => kept.has(id))).toBe(true);
  let rest = 0;
  for await (const outcomes of fetchFrom(maildrop, store).blocks()) rest += idsOf(outcomes).length;
  expect(kept.size + rest).toBe(700);
});
