import type { Mail } from "./mail.ts";
import type { Listed } from "./server.ts";
import type { ModelSession } from "./session.ts";

/** A listing's classes: by unique-id (none: empty), header and core octets, with how many entries each has. */
type Counts = ReadonlyMap<string, number>;

/**
 * How many look-alikes of each class may be settled, seen from outside (rules 8 and 9): where more are listed than ever
 * were at once since the class last shrank, all of them must be retrieved, and nothing is excused by U2.
 */
export class Looks {
  /** An upper bound of the ledger's occurrences. */
  readonly #settled = new Map<string, number>();
  readonly #usable = new Set<string>();
  readonly #before = new WeakMap<ModelSession, Counts>();

  /** A session has listed; `classed` are the entries without a usable unique-id. */
  listed(session: ModelSession, classed: readonly Listed[], usable: readonly Listed[]): void {
    this.#before.set(session, new Map(this.#settled));
    for (const [look, count] of counted(session, classed))
      this.#settled.set(look, Math.max(count, this.#settled.get(look) ?? 0));
    for (const listed of usable) this.#usable.add(lookOf(session, listed));
  }

  /**
   * A run has seen a listing through that is not suspicious, alone, and has settled all of it: weak classes follow it
   * down, save those whose unique-id is usable now or that it could not see.
   */
  followDown(session: ModelSession, classed: readonly Listed[], usable: readonly Listed[]): void {
    const counts = counted(session, classed);
    const spared = new Set(usable.map(({ uniqueId }) => uniqueId));
    for (const look of this.#settled.keys()) {
      const uniqueId = look.slice(0, look.indexOf(" "));
      if (spared.has(uniqueId) || (uniqueId !== "" && !session.hasIds)) continue;
      this.#settled.set(look, counts.get(look) ?? 0);
    }
  }

  /** True if no more of its kind are listed than may have been settled before this session listed them. */
  mayBeKnown(session: ModelSession, listed: Listed, classed: readonly Listed[]): boolean {
    const look = lookOf(session, listed);
    const count = counted(session, classed).get(look) ?? 0;
    const bonus = this.#usable.has(look) ? 1 : 0;
    return count <= (this.#before.get(session)?.get(look) ?? 0) + bonus;
  }
}

/** True if the two differ in their bodies only, so far as header and octets tell. */
export function isLookAlike(other: Mail, mail: Mail): boolean {
  return other !== mail && other.header === mail.header && other.size === mail.size;
}

function counted(session: ModelSession, classed: readonly Listed[]): Counts {
  const counts = new Map<string, number>();
  for (const listed of classed) {
    const look = lookOf(session, listed);
    counts.set(look, (counts.get(look) ?? 0) + 1);
  }
  return counts;
}

function lookOf({ hasIds }: ModelSession, { item, uniqueId, octets }: Listed): string {
  return `${hasIds ? uniqueId : ""} ${item.mail.header} ${octets}`;
}
