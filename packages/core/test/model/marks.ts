import type { LedgerEntry } from "../../src/index.ts";
import { isClassKey, uniqueIdKey } from "../../src/message/identity.ts";
import { equalOctets } from "../../src/message/octets.ts";
import { isLookAlike } from "./looks.ts";
import type { Mail } from "./mail.ts";
import { type Item, type Listed, type Server, usable } from "./server.ts";
import type { ModelSession } from "./session.ts";

/** The mail that was marked as known without being retrieved (rule 24), as far as it can be seen from outside. */
export class Marks {
  readonly #server: Server;
  readonly #items = new Map<Mail, Set<Item>>();
  /** The unique-id under which each was marked; and if that was usable, the unique-id with the octets. */
  readonly #uniqueIds = new Map<Item, string>();
  readonly #listedAs = new Map<Item, string>();
  /** Messages that were retrieved under a usable unique-id in a session that ended with QUIT: their rows have headers. */
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

  /** Notes a row that a baseline has written in this session. */
  written(session: ModelSession, entry: LedgerEntry, trusted: boolean): void {
    const { identity, classUniqueId } = entry;
    const byClass = isClassKey(identity);
    // A class row that is `stored` stays so when other members are marked: then only its count is raised.
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

  /** Notes that the session ends with QUIT. */
  quitting(session: ModelSession): void {
    for (const { item } of usable(session)) if (session.retrieved.has(item)) this.#shown.add(item);
  }

  /** True if the listed message may be taken for one of these mails, which were listed in its place (U1 or U2). */
  mayHide({ item: { mail }, uniqueId }: Listed, inItsPlace: Iterable<Mail>): boolean {
    // The content of marked mail is not known, so it is not told from look-alikes.
    if (!mail.strong && [...this.#items.keys()].some((marked) => isLookAlike(marked, mail))) return true;
    // Without TOP only the unique-id and the octets are known of marked mail, until it is retrieved.
    if (this.#server.habits.top === "ok") return false;
    return [...inItsPlace].some((other) =>
      [...(this.#items.get(other) ?? [])].some(
        (item) => this.#uniqueIds.get(item) === uniqueId && !this.#shown.has(item),
      ),
    );
  }

  /** True if the message was marked under the unique-id and octets of this listing, so that it must not be stored. */
  isUnchanged(listed: Listed): boolean {
    // If the header cannot tell, the octets that LIST gives must be right.
    const { sizes, top } = this.#server.habits;
    if (sizes !== "exact" && (top !== "ok" || !listed.item.mail.strong)) return false;
    return this.#listedAs.get(listed.item) === placeOf(listed);
  }

  /** Forgets marked mail that is no longer listed, if its header is weak or not known (rule 9). */
  followDown({ listing }: ModelSession): void {
    const items = new Set(listing.map(({ item }) => item));
    for (const item of this.#listedAs.keys())
      if (!items.has(item) && (!item.mail.strong || this.#server.habits.top !== "ok"))
        this.#listedAs.delete(item);
  }
}

/** The unique-id and the octets of a listed message, as a key. */
export function placeOf({ uniqueId, octets }: Listed): string {
  return `${uniqueId} ${octets}`;
}

function isKeyOf(uniqueId: string, key: Uint8Array): boolean {
  return uniqueId !== "" && equalOctets(uniqueIdKey(Buffer.from(uniqueId)), key);
}
