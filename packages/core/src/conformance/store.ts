import type { MessageStore } from "../ports/store.ts";
import type { ConformanceCase, Opens } from "./case.ts";
import { deferredConformance } from "./deferred.ts";
import { leaseConformance } from "./leases.ts";
import { ledgerConformance } from "./ledger.ts";
import { maildropConformance } from "./maildrops.ts";
import { messageConformance } from "./messages.ts";

/** Gives a case the store that is tested. */
export type StoreContext = Opens<MessageStore>;

/** What every {@link MessageStore} must do: the cases of all its ports. Those of whole runs are `fetchConformance`. */
export const storeConformance: readonly ConformanceCase<StoreContext>[] = [
  ...maildropConformance,
  ...ledgerConformance,
  ...messageConformance,
  ...deferredConformance,
  ...leaseConformance,
];
