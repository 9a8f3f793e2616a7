import type { Mail } from "./mail.ts";
import type { Listed } from "./server.ts";
import type { ModelSession } from "./session.ts";

/** The number of entries of each class, by its unique-id (empty for none), header and core octets. */
type Counts = ReadonlyMap<string, number>;

/**
 * How many look-alikes of each class may be settled, as far as it can be seen from outside (rules 8 and 9). If more are
 * listed than ever at once since the class last shrank, all of them must be retrieved, and U2 is no excuse.
 */
export class Looks {
  /** For each class an upper bound of the occurrences in its row. */
  readonly #settled = new Map<string, number>();
  readonly #usable = new Set<string>();
  readonly #before = new WeakMap<ModelSession, Counts>();

  /** Notes a listing; `classed` are its entries without a usable unique-id. */
  listed(session: ModelSession, classed: readonly Listed[], usable: readonly Listed[]): void {
    this.#before.set(session, new Map(this.#settled));
    for (const [look, count] of counted(session, classed))
      this.#settled.set(look, Math.max(count, this.#settled.get(look) ?? 0));
    for (const listed of usable) this.#usable.add(lookOf(session, listed));
  }

  /**
   * Lowers the bounds of weak classes to what a run has listed that settled all of it, without company, and whose listing
   * is not suspicious. Classes whose unique-id is usable now, or was not listed for lack of UIDL, keep theirs.
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

  /** True if no more entries of its class are listed than may have been settled before this session. */
  mayBeKnown(session: ModelSession, listed: Listed, classed: readonly Listed[]): boolean {
    const look = lookOf(session, listed);
    const count = counted(session, classed).get(look) ?? 0;
    const settledByUniqueId = this.#usable.has(look) ? 1 : 0;
    return count <= (this.#before.get(session)?.get(look) ?? 0) + settledByUniqueId;
  }
}

/** True if header and octets do not tell the two mails apart. */
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
