import assert from "node:assert/strict";
import type { Deferred } from "../ports/deferred.ts";
import type { Ledger } from "../ports/ledger.ts";
import { type ConformanceCase, type Opens, opened } from "./case.ts";
import { all, entry, GUARD, plain, sorted } from "./sample.ts";

/** What every {@link Deferred} must do. */
export const deferredConformance: readonly ConformanceCase<Opens<Ledger & Deferred>>[] = [
  opened(
    "deferred entries are listed, and settled ones that failed since, but none that waits for its time",
    async (store) => {
      const { id } = await store.openMaildrop("ben");
      const due = new Date("2026-11-23T00:00:00Z");
      const reason = { code: "refused", message: "no" };
      const rows = [
        entry("deferred", { disposition: "deferred", attempts: 2, reason, due }),
        entry("settled, but a look at it failed", { attempts: 1, reason, due }),
      ];
      const waiting = entry("waiting", { disposition: "waiting", due });
      await store.transact(id, GUARD, (tx) => tx.insertEntries([...rows, entry("plain"), waiting]));
      const listed = (await all(store.deferredEntries(id))).flat();
      assert.deepEqual(plain(sorted(listed)), plain(sorted(rows)));
    },
  ),
];
