import type { Fault, Flap, Habits } from "./history.ts";
import { type Mail, strongMail, VOLATILE_OCTETS, weakMail } from "./mail.ts";

/** A message in the modelled maildrop. */
export interface Item {
  readonly mail: Mail;
  uniqueId: string;
  /** True once it has got the volatile field. */
  marked: boolean;
  /** The value of `marked` at the last listing, by which a late LIST counts octets. */
  listedMarked: boolean;
  fault: Fault | null;
  /** True once it was retrieved in a session that ended with QUIT, on a server that hides such messages. */
  hidden: boolean;
  gone: boolean;
}

/** A message as a session lists it. */
export interface Listed {
  readonly item: Item;
  readonly uniqueId: string;
  /** Null if LIST has no line for it. */
  readonly octets: number | null;
}

/** The entries whose unique-id is not empty and stands once in the listing. */
export function usable({
  hasIds,
  listing,
}: {
  readonly hasIds: boolean;
  readonly listing: readonly Listed[];
}): readonly Listed[] {
  if (!hasIds) return [];
  const counts = new Map<string, number>();
  for (const { uniqueId } of listing) counts.set(uniqueId, (counts.get(uniqueId) ?? 0) + 1);
  return listing.filter(({ uniqueId }) => uniqueId !== "" && counts.get(uniqueId) === 1);
}

/** A maildrop on a server with the given habits. */
export class Server {
  readonly habits: Habits;
  readonly items: Item[] = [];
  #sequence = 0;
  #strong = 0;
  #sessions = 0;
  readonly #freeIds: string[] = [];

  constructor(habits: Habits) {
    this.habits = habits;
  }

  /** Adds a message: kinds 0 to 3 are a new strong mail, 4 to 7 share a weak header, 8 has another weak header. */
  deliver(kind: number, first = false): void {
    if (kind < 4) this.#add(strongMail(++this.#strong), first);
    else this.#add(kind < 8 ? weakMail(0, kind - 4) : weakMail(1, 0), first);
  }

  copy(of: number): void {
    const item = this.#at(of);
    if (item !== undefined) this.#add(item.mail, false);
  }

  delete(at: number): void {
    const item = this.#at(at);
    if (item === undefined) return;
    this.items.splice(this.items.indexOf(item), 1);
    item.gone = true;
    if (!this.#freeIds.includes(item.uniqueId)) this.#freeIds.push(item.uniqueId);
  }

  renumber(at: number | null): void {
    if (this.habits.ids === "of-header") return;
    for (const item of at === null
      ? this.items
      : this.items.slice(at % Math.max(this.items.length, 1)).slice(0, 1))
      item.uniqueId = this.#numberedId();
  }

  reorder(how: "reverse" | "rotate"): void {
    if (how === "reverse") this.items.reverse();
    else this.items.push(...this.items.splice(0, 1));
  }

  fault(at: number, fault: Fault): void {
    const item = this.#at(at);
    if (item !== undefined) item.fault = fault;
  }

  heal(): void {
    for (const item of this.items) item.fault = null;
  }

  /** True if the database refuses this content. */
  refusesContent(mail: Mail): boolean {
    return this.items.some((item) => item.mail === mail && item.fault === "database");
  }

  /** Lists the maildrop for a new session. */
  list(flap: Flap): readonly Listed[] {
    const session = ++this.#sessions;
    const { window, sizes } = this.habits;
    let items = this.items.filter(({ hidden }) => !hidden);
    if (window > 0) items = items.slice(-window);
    else if (window < 0) items = items.slice(0, -window);
    if (flap === "empty") items = [];
    else if (flap === "newer") items = items.slice(items.length >> 1);
    else if (flap === "older") items = items.slice(0, items.length >> 1);
    const listed = items.map((item, at) => {
      const marked = sizes === "late" ? item.listedMarked : item.marked;
      const more = sizes === "flaky" && (session * 7 + at * 5) % 11 < 3 ? 1 : 0;
      return {
        item,
        uniqueId: item.uniqueId,
        octets: item.mail.size + (marked ? VOLATILE_OCTETS : 0) + more,
      };
    });
    for (const item of items) item.listedMarked = item.marked;
    return listed;
  }

  /** Marks or hides the retrieved messages at QUIT. */
  update(retrieved: Iterable<Item>): void {
    for (const item of retrieved) {
      if (this.habits.hides !== "no") item.hidden = true;
      if (this.habits.marks && !item.gone) item.marked = true;
    }
  }

  #add(mail: Mail, first: boolean): void {
    const item: Item = {
      mail,
      uniqueId: this.#newId(mail),
      marked: false,
      listedMarked: false,
      fault: null,
      hidden: false,
      gone: false,
    };
    if (first) this.items.unshift(item);
    else this.items.push(item);
  }

  #at(n: number): Item | undefined {
    return this.items.length === 0 ? undefined : this.items[n % this.items.length];
  }

  #newId(mail: Mail): string {
    const { ids } = this.habits;
    if (ids === "of-header") return `h${mail.strong ? mail.header % 3 : mail.header % 2}`;
    if (ids === "reused") {
      const free = this.#freeIds.shift();
      if (free !== undefined) return free;
    }
    const id = this.#numberedId();
    if (ids === "empty" && this.#sequence % 2 === 1) return "";
    if (ids === "of-content") return this.items.find((item) => item.mail === mail)?.uniqueId ?? id;
    return id;
  }

  #numberedId(): string {
    this.#sequence++;
    return this.habits.ids === "long" ? `${"u".repeat(260)}${this.#sequence}` : `u${this.#sequence}`;
  }
}
