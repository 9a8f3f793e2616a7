// What other processes do in tests; see elsewhere.ts.
import { type OpenStoreOptions, openStore } from "../src/index.ts";
import { entry, message, octets } from "./samples.ts";

const GUARD = { generation: 0, leaseToken: null };

/** Opens the store, nothing else. */
export async function migrate(options: OpenStoreOptions): Promise<void> {
  await using store = await openStore(options);
  await store.openMaildrop("shared");
}

/** 40 transactions; each stores a message, an entry, and raises a counter that all writers share. */
export async function write(options: OpenStoreOptions, name: string): Promise<void> {
  await using store = await openStore(options);
  const { id } = await store.openMaildrop("shared");
  for (let round = 0; round < 40; round++) {
    await store.transact(id, GUARD, async (tx) => {
      const [counter] = await tx.entries([octets("counter")]);
      if (counter === undefined) await tx.insertEntries([entry("counter", { attempts: 1 })]);
      else await tx.updateEntries([{ ...counter, attempts: counter.attempts + 1 }]);
      const stored = message();
      await tx.insertMessages([stored]);
      await tx.insertEntries([entry(`${name}-${round}`, { messageId: stored.id })]);
    });
  }
}
