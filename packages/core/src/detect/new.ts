import { latin1 } from "../message/octets.ts";

/** The entries of a listing in three groups, each in the order of the listing. */
export interface NewAndKnown<Entry> {
  /** Entries that are not known: to be retrieved. */
  readonly fresh: readonly Entry[];
  /** Entries that are known: not to be retrieved again. */
  readonly known: readonly Entry[];
  /**
   * Entries whose unique-id is empty or stands more than once in the listing (RFC 1939 section 7 lets identical copies
   * share one). It does not identify a message, so only the content can tell.
   */
  readonly unclear: readonly Entry[];
}

/**
 * The textbook recipe as a pure function: tells which entries of a unique-id listing are new, given the known unique-ids.
 * Unique-ids are compared octet by octet; a string stands for octets of the same values (ISO 8859-1).
 *
 * It decides by unique-id alone. {@link fetchMaildrop} also copes with servers that renumber or reuse unique-ids.
 */
export function detectNew<Entry extends { readonly uniqueId: Uint8Array | string }>(
  listing: Iterable<Entry>,
  known: Iterable<Uint8Array | string>,
): NewAndKnown<Entry> {
  const knownIds = new Set<string>();
  for (const id of known) knownIds.add(asKey(id));
  const entries = [...listing];
  const seen = new Map<string, number>();
  for (const entry of entries) {
    const key = asKey(entry.uniqueId);
    seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  const result = { fresh: [] as Entry[], known: [] as Entry[], unclear: [] as Entry[] };
  for (const entry of entries) {
    const key = asKey(entry.uniqueId);
    if (key === "" || seen.get(key) !== 1) result.unclear.push(entry);
    else if (knownIds.has(key)) result.known.push(entry);
    else result.fresh.push(entry);
  }
  return result;
}

function asKey(id: Uint8Array | string): string {
  return typeof id === "string" ? id : latin1(id);
}
