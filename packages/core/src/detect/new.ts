import { latin1 } from "../message/octets.ts";

/** A listing divided by what is known. */
export interface NewAndKnown<Entry> {
  /** Not known: to be retrieved. */
  readonly fresh: readonly Entry[];
  /** Known: not to be retrieved again. */
  readonly known: readonly Entry[];
  /**
   * Unique-ids that stand more than once in the listing, or are empty: they cannot say which message is meant
   * (RFC 1939 section 7 lets identical copies share one), so only the content can settle these.
   */
  readonly unclear: readonly Entry[];
}

/**
 * The textbook recipe as a pure function: which entries of a unique-id listing are new, given the unique-ids that
 * are stored. Unique-ids are compared octet by octet; a string stands for octets of the same values (ISO 8859-1).
 *
 * It decides by unique-id alone. {@link fetchMaildrop} also stands servers that renumber or reuse them.
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
