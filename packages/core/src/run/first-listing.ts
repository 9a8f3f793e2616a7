import type { Inspection } from "../detect/inspect.ts";
import type { Listing } from "../listing/listing.ts";
import { uniqueIdKey } from "../message/identity.ts";
import type { Reason } from "../report/outcome.ts";
import type { RunState } from "../report/run-state.ts";

/** How many entries from each end of the listing are in the sample. */
const SAMPLED = 100;

/** A listed message as the ledger of another maildrop might know it. */
export interface SampledEntry {
  /** The key that its unique-id has in every ledger. */
  readonly identity: Uint8Array;
  /** Listed octets, null if LIST gave none. */
  readonly octets: number | null;
}

/**
 * Called before anything is retrieved or marked in a maildrop without any ledger entry: in its first run, whatever is
 * listed, and after that in runs that list mail. `sample` has, of the first and last hundred listed messages, those whose
 * unique-id stands once in the listing, in order. Gives a warning for the summary, or null. Its error ends the run.
 */
export type OnFirstListing = (sample: readonly SampledEntry[]) => Promise<Reason | null>;

/** Calls `ask` if this is a first listing, and adds its warning to the report. */
export async function askAtFirstListing(
  run: RunState,
  { entries: { listing, uniqueIds }, isLedgerEmpty }: Inspection,
  ask: OnFirstListing | undefined,
): Promise<void> {
  if (ask === undefined || !isLedgerEmpty) return;
  if (run.facts.lastRun !== null && listing.length === 0) return;
  const warning = await ask(sampleOf(listing, (index) => uniqueIds.isAlone(index)));
  if (warning !== null) run.report.warn(warning.code, warning.message);
}

function sampleOf(listing: Listing, isUsable: (index: number) => boolean): readonly SampledEntry[] {
  const sample: SampledEntry[] = [];
  for (let index = 0; index < listing.length; index++) {
    if (index === SAMPLED && listing.length > 2 * SAMPLED) index = listing.length - SAMPLED;
    const uniqueId = isUsable(index) ? listing.uniqueId(index) : null;
    if (uniqueId !== null) sample.push({ identity: uniqueIdKey(uniqueId), octets: listing.octets(index) });
  }
  return sample;
}
