import { describe, expect, test } from "vitest";
import type { Holder, Links } from "../src/threads/thread-rows.ts";
import { ThreadSearch } from "../src/threads/thread-tree.ts";

const MANY = 30_000;
const LIMIT = 10_000;
/** Rows that a database gives at once. */
const MOST = 20_000;

/** The rows of messages as a database has them; counts how often it is asked, and how many rows it has given. */
class RowsInMemory {
  asked = 0;
  given = 0;
  readonly #links: ReadonlyMap<string, Links>;
  readonly #owned = new Map<string, string[]>();
  readonly #answers = new Map<string, string[]>();

  constructor(messages: readonly Links[]) {
    this.#links = new Map(messages.map((links, at) => [keyOf(at), links]));
    for (const [key, { own, answered }] of this.#links) {
      if (own !== null) add(this.#owned, own, key);
      for (const digest of answered) add(this.#answers, digest, key);
    }
  }

  async links(keys: readonly string[]): Promise<readonly Links[]> {
    this.#count(keys.length);
    return keys.map((key) => this.#links.get(key) ?? { own: null, answered: [] });
  }

  async owners(digests: readonly string[]): Promise<ReadonlyMap<string, string>> {
    this.#count(digests.length);
    return new Map(
      digests.flatMap((digest) => {
        const [first] = this.#owned.get(digest) ?? [];
        return first === undefined ? [] : [[digest, first] as const];
      }),
    );
  }

  answers(digests: readonly string[]): Promise<readonly Holder[]> {
    return this.#holders(this.#answers, digests);
  }

  owned(digests: readonly string[]): Promise<readonly Holder[]> {
    return this.#holders(this.#owned, digests);
  }

  async #holders(
    holders: ReadonlyMap<string, readonly string[]>,
    digests: readonly string[],
  ): Promise<readonly Holder[]> {
    const found: Holder[] = [];
    for (const digest of digests)
      for (const key of holders.get(digest) ?? []) if (found.length < MOST) found.push({ digest, key });
    this.#count(found.length);
    return found;
  }

  #count(rows: number): void {
    this.asked++;
    this.given += rows;
  }
}

function add(lists: Map<string, string[]>, name: string, one: string): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [one]);
  else list.push(one);
}

function keyOf(at: number): string {
  return `${at}`.padStart(8, "0");
}

/** 30,000 messages, each by its number. */
const SHAPES: Readonly<Record<string, (n: number) => Links>> = {
  "all answer the first": (n) => ({ own: `#${n}`, answered: n === 0 ? [] : ["#0"] }),
  "all answer one that is not stored": (n) => ({ own: `#${n}`, answered: ["none"] }),
  "all have one message-id": () => ({ own: "one", answered: [] }),
  "all have one message-id and answer it": () => ({ own: "one", answered: ["one"] }),
  "none has a message-id, and all answer the same": () => ({ own: null, answered: ["none"] }),
  "each answers the one before it": (n) => ({ own: `#${n}`, answered: n === 0 ? [] : [`#${n - 1}`] }),
  "each answers the one after it, and the last one the first": (n) => ({
    own: `#${n}`,
    answered: [`#${(n + 1) % MANY}`],
  }),
  "each names the first and the twenty before it": (n) => ({
    own: `#${n}`,
    answered: ["#0", ...range(Math.max(1, n - 20), n).map((before) => `#${before}`)],
  }),
  "each names ten of its own": (n) => ({
    own: `#${n}`,
    answered: [...range(0, 9).map((k) => `#${n}-${k}`), "#0"],
  }),
};

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
}

describe("a conversation of 30,000 messages", () => {
  test.each(Object.keys(SHAPES))("is cut off after a bounded number of rows where %s", async (shape) => {
    const links = SHAPES[shape];
    if (links === undefined) throw new Error("There is no such shape.");
    const messages = range(0, MANY).map(links);
    for (const at of [0, MANY - 1]) {
      const rows = new RowsInMemory(messages);
      const { places, isCut } = await new ThreadSearch(rows, LIMIT).around(keyOf(at));
      const keys = [...places.values()].flatMap(({ key, copies }) => [key, ...copies]);
      expect(keys).toContain(keyOf(at));
      expect(new Set(keys).size).toBe(keys.length);
      expect(keys.length).toBeLessThanOrEqual(LIMIT);
      expect(isCut).toBe(true);
      expect(rows.asked).toBeLessThan(3 * LIMIT + 100);
      expect(rows.given).toBeLessThan(1_000_000);
      // Each stands below one that comes before it.
      const before = new Set<string | null>([null]);
      for (const [name, { parent }] of places) {
        expect(before.has(parent)).toBe(true);
        before.add(name);
      }
    }
  });
});
