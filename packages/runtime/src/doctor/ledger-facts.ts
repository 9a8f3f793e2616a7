import type { Deferred, Leases, Ledger, LedgerEntry } from "@mailonce/core";
import { failureOf } from "../failure/failure.ts";
import type { FirstRunStore } from "../ledger/first-run.ts";
import type { FormerNames } from "../ledger/rename-maildrop.ts";
import type { StoreInspection } from "../store/store.ts";
import { describeOwner } from "../system/process-owner.ts";
import type { DatabaseFacts, LedgerFacts } from "./facts.ts";
import { uniqueIdsOf } from "./listing-quality.ts";

/** Of a long listing so many unique-ids are looked up in the ledger. */
const SAMPLE = 1000;
/** Longer ones are kept by their digest; they are left out of the sample. */
const LONGEST_KEY = 255;

/** The part of a store that an examination reads. */
export interface ExaminedStore
  extends Ledger,
    Deferred,
    FormerNames,
    FirstRunStore,
    Pick<Leases, "leaseHolder"> {}

/** The store at `place`, or null if there is none; `open` throws what opening it throws. */
export interface ExaminedDatabase {
  /** For people, without password. */
  readonly place: string;
  readonly open: () => Promise<ExaminedStore | null>;
  /** Looks at tables, server and user; throws what that throws. */
  readonly inspect?: () => Promise<StoreInspection>;
}

/** What the ledger says of a maildrop. Changes nothing. @throws the store's errors */
export async function ledgerFacts(
  store: ExaminedStore,
  maildropName: string,
  uidl: Uint8Array | null,
): Promise<LedgerFacts | null> {
  const maildrop = await store.findMaildrop(maildropName);
  if (maildrop === null) return null;
  const { id, lastRun, lastCount, endedCleanly, uniqueIdsTrusted, topProven, sequential, pauseReason } =
    maildrop;
  let deferred = 0;
  for await (const block of store.deferredEntries(id)) deferred += block.length;
  const holder = await store.leaseHolder(id);
  return {
    ...{ lastRun, lastCount, endedCleanly, uniqueIdsTrusted, topProven, sequential, pauseReason, deferred },
    heldBy: holder === null ? null : describeOwner(holder.owner),
    sample: uidl === null ? null : await sampleOf(store, id, uidl),
  };
}

/** The facts about a database that cannot be used. */
export function databaseFailure(place: string, error: unknown): DatabaseFacts {
  return { kind: "failed", place, failure: failureOf(error) };
}

async function sampleOf(
  store: ExaminedStore,
  maildropId: number,
  uidl: Uint8Array,
): Promise<LedgerFacts["sample"]> {
  const ids = [...new Set(uniqueIdsOf(uidl))].filter((id) => id.length <= LONGEST_KEY);
  if (ids.length === 0) return null;
  const step = Math.max(1, ids.length / SAMPLE);
  const asked: Buffer[] = [];
  for (let at = 0; at < ids.length && asked.length < SAMPLE; at += step) {
    asked.push(Buffer.from(ids[Math.floor(at)] ?? "", "latin1"));
  }
  const rows: readonly LedgerEntry[] = await store.entries(maildropId, asked);
  return { asked: asked.length, known: rows.length };
}
