import type { Inspection } from "../detect/inspect.ts";
import type { Listing } from "../listing/listing.ts";
import { uniqueIdKey } from "../message/identity.ts";
import type { Reason } from "../report/outcome.ts";
import type { RunState } from "../report/run-state.ts";

/** So many entries of each end of a listing are looked at. */
const SAMPLED = 100;

/** A listed message as another maildrop's ledger would know it. */
export interface SampledEntry {
  /** The ledger's key for its unique-id. */
  readonly identity: Uint8Array;
  /** Listed octets, null if LIST gave none. */
  readonly octets: number | null;
}

/**
 * Asked before anything is retrieved or marked in a maildrop of which the ledger has no entry yet, with the first and the
 * last hundred messages that have a unique-id of their own, in listing order. Throws to end the run; what it gives is a
 * warning of the run. Called at a maildrop's first run, whatever is listed, and after that when the first mail is.
 */
export type OnFirstListing = (sample: readonly SampledEntry[]) => Promise<Reason | null>;

/** Asks, where it is a first listing. */
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
