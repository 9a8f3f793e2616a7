import type { LedgerEntry } from "../../src/index.ts";
import { isClassKey, uniqueIdKey } from "../../src/message/identity.ts";
import { equalOctets } from "../../src/message/octets.ts";
import { isLookAlike } from "./looks.ts";
import type { Mail } from "./mail.ts";
import { type Item, type Listed, type Server, usable } from "./server.ts";
import type { ModelSession } from "./session.ts";

/** What was marked as known without being retrieved, seen from outside (rule 24). */
export class Marks {
  readonly #server: Server;
  readonly #items = new Map<Mail, Set<Item>>();
  /** Under which unique-id each was marked; and, where that was usable, under which octets too. */
  readonly #uniqueIds = new Map<Item, string>();
  readonly #listedAs = new Map<Item, string>();
  /** What was retrieved under a usable unique-id in a session that ended with QUIT: its row knows its header. */
  readonly #shown = new Set<Item>();

  constructor(server: Server) {
    this.#server = server;
  }

  has(mail: Mail): boolean {
    return this.#items.has(mail);
  }

  count(mail: Mail): number {
    return this.#items.get(mail)?.size ?? 0;
  }

  /** A baseline in this session has written a row. */
  written(session: ModelSession, entry: LedgerEntry, trusted: boolean): void {
    const { identity, classUniqueId } = entry;
    const byClass = isClassKey(identity);
    // A class that was stored stays so; its other members are marked by its count.
    if (entry.disposition !== "baseline" && !byClass) return;
    const id = byClass ? classUniqueId : identity;
    const { top, ids } = this.#server.habits;
    const headerDigest = byClass && top === "ok" ? entry.headerDigest : null;
    const alone = new Set(trusted ? usable(session) : []);
    for (const listed of session.listing) {
      const { item, uniqueId } = listed;
      const hasId = id === null ? uniqueId === "" || ids === "none" : isKeyOf(uniqueId, id);
      const hasHeader = headerDigest === null || equalOctets(headerDigest, item.mail.headerDigest);
      if (!hasId || !hasHeader) continue;
      this.#items.set(item.mail, (this.#items.get(item.mail) ?? new Set()).add(item));
      this.#uniqueIds.set(item, uniqueId);
      if (alone.has(listed)) this.#listedAs.set(item, placeOf(listed));
    }
  }

  /** The session ends with QUIT. */
  quitting(session: ModelSession): void {
    for (const { item } of usable(session)) if (session.retrieved.has(item)) this.#shown.add(item);
  }

  /** True if what is listed may be taken for one of these mails, which were listed in its place: U1 or U2. */
  mayHide({ item: { mail }, uniqueId }: Listed, inItsPlace: Iterable<Mail>): boolean {
    // No content is known of what was marked.
    if (!mail.strong && [...this.#items.keys()].some((marked) => isLookAlike(marked, mail))) return true;
    // Without TOP nothing but unique-id and octets is known before it is retrieved.
    if (this.#server.habits.top === "ok") return false;
    return [...inItsPlace].some((other) =>
      [...(this.#items.get(other) ?? [])].some(
        (item) => this.#uniqueIds.get(item) === uniqueId && !this.#shown.has(item),
      ),
    );
  }

  /** True if it was marked as it is listed now, and there is no reason to store it. */
  isUnchanged(listed: Listed): boolean {
    // Where the header does not tell, the octets that LIST told must be right.
    const { sizes, top } = this.#server.habits;
    if (sizes !== "exact" && (top !== "ok" || !listed.item.mail.strong)) return false;
    return this.#listedAs.get(listed.item) === placeOf(listed);
  }

  /** Rule 9: a class follows the listing down where its header is weak or not known. */
  followDown({ listing }: ModelSession): void {
    const items = new Set(listing.map(({ item }) => item));
    for (const item of this.#listedAs.keys())
      if (!items.has(item) && (!item.mail.strong || this.#server.habits.top !== "ok"))
        this.#listedAs.delete(item);
  }
}

/** Where a message stands, so far as a listing tells. */
export function placeOf({ uniqueId, octets }: Listed): string {
  return `${uniqueId} ${octets}`;
}

function isKeyOf(uniqueId: string, key: Uint8Array): boolean {
  return uniqueId !== "" && equalOctets(uniqueIdKey(Buffer.from(uniqueId)), key);
}
