import { type Links, MOST_HOLDERS, type ThreadRows } from "./thread-rows.ts";

/** A conversation is left off where so many messages were looked at that may belong to it. */
const MOST_LOOKED_AT = 20_000;
/** Message-ids that are looked up at once. */
const AT_ONCE = 500;

/** A place in a conversation: the messages of one message-id, or a message without one. */
export interface Place {
  /** The key of the message; of several with this message-id, of the one that was stored first. What it answers counts. */
  readonly key: string;
  /** The keys of the others, in the order in which they were stored. */
  readonly copies: readonly string[];
  /** The name of the place above it; null if it stands at the top. */
  readonly parent: string | null;
}

/** A conversation as a tree. */
export interface ThreadTree {
  /** By their names: a message-id's digest, or the key of a message without one. Each comes after the place above it. */
  readonly places: ReadonlyMap<string, Place>;
  /** The message-id that those at the top answer, and that no stored message has; null if there is none. */
  readonly missing: string | null;
  /** True: more messages belong to it. */
  readonly isCut: boolean;
}

/** What is looked up. */
type Rows = Pick<ThreadRows, "links" | "owners" | "answers" | "owned">;

/** What was found of a place. */
interface Member {
  readonly name: string;
  readonly key: string;
  readonly links: Links;
}

/**
 * Finds the conversation of one message. What a message answers is the last one of the message-ids it names that a stored
 * message has. So each message says only where it stands itself: none can join the conversations of others, whatever it
 * names. Where no stored message has any of them it stands below the first one it names, with others that do the same.
 *
 * Where messages answer each other in a circle, the one that was stored first begins the conversation.
 */
export class ThreadSearch {
  readonly #rows: Rows;
  #limit: number;
  /** The links of the messages that were looked at, by their keys. */
  readonly #lookedAt = new Map<string, Links>();
  /** The message that has a message-id, and was stored first; null if none has it. */
  readonly #owners = new Map<string, string | null>();
  readonly #members = new Map<string, Member>();
  readonly #tree = new Map<string, { readonly member: Member; readonly parent: string | null }>();
  /** What was found, but does not belong to the conversation, or not yet: by the place above it. */
  readonly #waiting = new Map<string, Member[]>();
  /** Message-ids whose answers are to be looked for. */
  readonly #unasked: string[] = [];
  #missing: string | null = null;
  #isCut = false;
  /** True: no more messages may be looked at, or no more belong into the tree. */
  #isFull = false;

  /** @param limit the tree has at most so many messages */
  constructor(rows: Rows, limit: number) {
    this.#rows = rows;
    this.#limit = limit;
  }

  /** The conversation of the message of this key. */
  async around(key: string): Promise<ThreadTree> {
    await this.#look([key]);
    const name = this.#lookedAt.get(key)?.own ?? key;
    await this.#look([this.#owners.get(name) ?? key]);
    const member = this.#memberOf(name);
    // It stands in the tree itself, too, where it is not the one that was stored first.
    if (member.key !== key) this.#limit = Math.max(1, this.#limit - 1);
    const path = await this.#wayUp(member);
    if (this.#missing !== null) this.#unasked.push(this.#missing);
    let above: string | null = null;
    for (const one of path.toReversed()) {
      this.#add(one, above);
      above = one.name;
    }
    this.#settle([...this.#members.values()]);
    await this.#grow();
    return { places: await this.#places(name, key), missing: this.#missing, isCut: this.#isCut };
  }

  /** From a place to the top of its conversation; sets what stands above that and is not stored. */
  async #wayUp(from: Member): Promise<readonly Member[]> {
    const way = [from];
    for (let at = from; ; ) {
      const above = this.#above(at);
      if (above === null) return way;
      if (this.#ownerOf(above) === null) {
        this.#missing = above;
        return way;
      }
      const circle = way.findIndex(({ name }) => name === above);
      if (circle >= 0) return way.slice(0, circle + firstStored(way.slice(circle)) + 1);
      if (way.length >= this.#limit / 2 || this.#lookedAt.size > MOST_LOOKED_AT / 2) {
        this.#isCut = true;
        return way;
      }
      // All that the message names is looked at together: mostly these are the next places of the way.
      if (!this.#members.has(above))
        await this.#look(at.links.answered.flatMap((one) => this.#ownerOf(one) ?? []));
      at = this.#memberOf(above);
      way.push(at);
    }
  }

  /** The name of the place that this one stands below, be it stored or not; null if it answers nothing. */
  #above({ name, links: { answered } }: Member): string | null {
    const stored = answered.findLast((one) => one !== name && this.#ownerOf(one) !== null);
    return stored ?? answered[0] ?? null;
  }

  /** Finds what stands below the places that are there, until nothing does. */
  async #grow(): Promise<void> {
    while (this.#unasked.length > 0 && !this.#isFull) {
      const answers = await this.#answers(this.#unasked.splice(0, AT_ONCE));
      const fresh = [...new Set(answers)].filter((key) => !this.#lookedAt.has(key));
      const room = Math.max(0, MOST_LOOKED_AT - this.#lookedAt.size);
      if (fresh.length > room) {
        this.#isCut = true;
        this.#isFull = true;
      }
      this.#settle(await this.#look(fresh.slice(0, room)));
    }
  }

  async #answers(names: readonly string[]): Promise<readonly string[]> {
    const found = await this.#rows.answers(names);
    if (found.length < MOST_HOLDERS) return found.map(({ key }) => key);
    if (names.length === 1) {
      this.#isCut = true;
      return found.map(({ key }) => key);
    }
    const half = Math.ceil(names.length / 2);
    return [...(await this.#answers(names.slice(0, half))), ...(await this.#answers(names.slice(half)))];
  }

  /** Puts places where they belong, as far as that is known, and with each what has waited for it. */
  #settle(members: readonly Member[]): void {
    // From the last one on, so that those come first into the tree that were found first.
    const settling = members.toReversed().map((member) => ({ member, above: this.#above(member) }));
    for (let next = settling.pop(); next !== undefined; next = settling.pop()) {
      const { member, above } = next;
      if (this.#tree.has(member.name) || above === null) continue;
      const isBelow = above === this.#missing || this.#tree.has(above);
      if (!isBelow) {
        addTo(this.#waiting, above, member);
        continue;
      }
      if (!this.#add(member, above === this.#missing ? null : above)) return;
      const { name } = member;
      settling.push(...(this.#waiting.get(name) ?? []).map((one) => ({ member: one, above: name })));
      this.#waiting.delete(name);
    }
  }

  /** @returns false if there is no room */
  #add(member: Member, parent: string | null): boolean {
    if (this.#tree.size >= this.#limit) {
      this.#isCut = true;
      this.#isFull = true;
      return false;
    }
    this.#tree.set(member.name, { member, parent });
    if (member.links.own !== null) this.#unasked.push(member.links.own);
    return true;
  }

  /** Looks at messages that were not looked at yet. @returns the places that are new by that */
  async #look(keys: readonly string[]): Promise<readonly Member[]> {
    const fresh = [...new Set(keys)].filter((key) => !this.#lookedAt.has(key));
    const found = await this.#rows.links(fresh);
    const named = new Set(
      found.flatMap(({ own, answered }) => (own === null ? answered : [own, ...answered])),
    );
    const unknown = [...named].filter((name) => !this.#owners.has(name));
    const owners = await this.#rows.owners(unknown);
    for (const name of unknown) this.#owners.set(name, owners.get(name) ?? null);
    const members: Member[] = [];
    for (const [at, key] of fresh.entries()) {
      const links = found[at] ?? { own: null, answered: [] };
      this.#lookedAt.set(key, links);
      // One that was stored later than another with its message-id has no place of its own.
      if (links.own !== null && this.#ownerOf(links.own) !== key) continue;
      const member = { name: links.own ?? key, key, links };
      this.#members.set(member.name, member);
      members.push(member);
    }
    return members;
  }

  #ownerOf(name: string): string | null {
    return this.#owners.get(name) ?? null;
  }

  #memberOf(name: string): Member {
    // Where somebody writes or drops the rows at this moment a place may have lost its own.
    return (
      this.#members.get(name) ?? {
        name,
        key: this.#ownerOf(name) ?? name,
        links: { own: null, answered: [] },
      }
    );
  }

  /** The places with all their messages, as far as there is room for them; `key` stands at its place in any case. */
  async #places(name: string, key: string): Promise<ReadonlyMap<string, Place>> {
    const copies = new Map<string, string[]>();
    const names = [...this.#tree.values()].flatMap(({ member }) => member.links.own ?? []);
    let room = this.#limit - this.#tree.size;
    for (let at = 0; at < names.length; at += AT_ONCE) {
      const owned = await this.#rows.owned(names.slice(at, at + AT_ONCE));
      const others = owned.filter((one) => this.#tree.get(one.digest)?.member.key !== one.key);
      this.#isCut ||= others.length > room || owned.length === MOST_HOLDERS;
      for (const one of others.slice(0, room)) addTo(copies, one.digest, one.key);
      room = Math.max(0, room - others.length);
    }
    const places = new Map<string, Place>();
    for (const [of, { member, parent }] of this.#tree) {
      const all = copies.get(of) ?? [];
      const isLeftOut = of === name && member.key !== key && !all.includes(key);
      places.set(of, { key: member.key, parent, copies: isLeftOut ? [...all, key] : all });
    }
    return places;
  }
}

/** The place, in their list, of the one whose message was stored first. */
function firstStored(members: readonly Member[]): number {
  const keys = members.map(({ key }) => key);
  return keys.indexOf(keys.toSorted()[0] ?? "");
}

function addTo<T>(lists: Map<string, T[]>, name: string, one: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [one]);
  else list.push(one);
}
