import type { MessageStore } from "../ports/store.ts";
import type { ConformanceCase, Opens } from "./case.ts";
import { deferredConformance } from "./deferred.ts";
import { leaseConformance } from "./leases.ts";
import { ledgerConformance } from "./ledger.ts";
import { maildropConformance } from "./maildrops.ts";
import { messageConformance } from "./messages.ts";

/** How a case of whole runs gets at the store under test. */
export type StoreContext = Opens<MessageStore>;

/** What every {@link MessageStore} must do. */
export const storeConformance: readonly ConformanceCase<StoreContext>[] = [
  ...maildropConformance,
  ...ledgerConformance,
  ...messageConformance,
  ...deferredConformance,
  ...leaseConformance,
];
