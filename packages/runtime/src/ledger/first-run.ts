import { createHash } from "node:crypto";
import type { HeldLease, Ledger, Reason, SampledEntry } from "@mailonce/core";
import { type Account, maildropName } from "../account/account-url.ts";
import { FailureError } from "../failure/failure-error.ts";
import { hostLiteral } from "../text/host-literal.ts";
import type { FirstRuns, Neighbour } from "./ports.ts";
import { renameCommand } from "./rename-maildrop.ts";

/** The part of a store that {@link FirstRun} needs. */
export interface FirstRunStore extends Pick<Ledger, "findMaildrop" | "entries" | "knownEntries"> {
  readonly firstRuns: FirstRuns;
}

/**
 * How many messages must have the same unique-id and the same octets before two maildrops are taken for one mailbox.
 * Different mailboxes can have equal unique-ids: many servers count from 1, or from the second in which a mailbox was made,
 * and mailboxes that were made together begin with the same few messages.
 */
const LEAST = {
  /** The other maildrop is of the same user on another host, and the unique-ids are no short numbers. */
  sameUser: 1,
  /** The same with short unique-ids. If the other maildrop is of another user, so many give a warning. */
  counted: 3,
  /** The other maildrop is of another user, and both have exactly the same listing. */
  sameListing: 5,
  /** The other maildrop is of another user. */
  otherUser: 20,
};
/** Unique-ids of at most so many octets may be mere numbers. */
const LONGEST_NUMBER = 8;
/** Other maildrops are searched for by so many unique-ids at the beginning, in the middle and at the end of the listing. */
const PROBES = 2;
/** At most so many maildrops that know one of these are compared. */
const MOST_COMPARED = 50;

/**
 * Keeps a mailbox from being fetched into two maildrops unnoticed: two URLs with different ports or host names may lead to
 * the same mailbox. At a maildrop's first run it is compared with the others, before anything is downloaded.
 */
export class FirstRun {
  readonly #store: FirstRunStore;
  readonly #account: Account;
  readonly #apart: boolean;
  readonly #hasRun: boolean;
  #lease: Pick<HeldLease, "maildrop" | "isNew"> | null = null;
  #hasClaimed = false;

  /**
   * @param apart true: the same mailbox may be fetched into several maildrops
   * @param hasRun true: it is known that the maildrop had a run already
   */
  constructor(store: FirstRunStore, account: Account, apart: boolean, hasRun = false) {
    this.#store = store;
    this.#account = account;
    this.#apart = apart;
    this.#hasRun = hasRun;
  }

  /** Whether the listing was claimed in this run, and with it the maildrop's address noted. */
  get hasClaimed(): boolean {
    return this.#hasClaimed;
  }

  /** Is told of the lease under which the run is made: what that knows the store is not asked again. */
  under(lease: Pick<HeldLease, "maildrop" | "isNew">): void {
    this.#lease = lease;
  }

  /**
   * Compares user and host with those of other maildrops: to be called before logging in.
   * @throws FailureError (`same-mailbox`, of the kind `config`); the store's errors
   */
  async before(): Promise<void> {
    if (this.#hasRun) return;
    const { maildrop } = this.#account;
    const known = this.#lease?.maildrop ?? (await this.#store.findMaildrop(maildrop));
    if (known !== null && known.lastRun !== null) return;
    const [neighbour] = await this.#store.firstRuns.neighboursAt(placeOf(this.#account), maildrop);
    if (neighbour === undefined || (await this.#claimState()) !== "new") return;
    // An earlier run has begun to store: it is continued.
    if (known !== null && (await this.#hasBegun(known.id))) return;
    throw sameMailbox(neighbour, this.#account, SAME_PLACE);
  }

  /**
   * Compares the maildrop's first listing with what other maildrops hold. If `writes`, what it begins with is noted.
   * @returns a warning where some messages are the same
   * @throws FailureError (`same-mailbox`, of the kind `config`); the store's errors
   */
  async listed(sample: readonly SampledEntry[], writes: boolean): Promise<Reason | null> {
    const claimState = await this.#claimState();
    const warning = claimState === "apart" ? null : await this.#compare(sample);
    if (claimState === "claimed") return warning;
    const { firstRuns } = this.#store;
    const { maildrop } = this.#account;
    const place = placeOf(this.#account);
    let same: Neighbour | null | undefined = null;
    if (writes) {
      const apart = claimState === "apart";
      const claim = { address: maildropName(this.#account), digest: digestOf(sample), apart };
      const isSame = (other: Neighbour): boolean => this.#isEnough(sample, sample.length, other, true);
      same = await firstRuns.claim(maildrop, claim, place, isSame);
      this.#hasClaimed = same === null;
    } else if (claimState === "new") [same] = await firstRuns.neighboursAt(place, maildrop);
    if (same == null) return warning;
    throw sameMailbox(same, this.#account, placeOfName(same.address) === place ? SAME_PLACE : SAME_LISTING);
  }

  /** Compares with the ledgers of the maildrops that know some of the messages. Gives a warning, or throws. */
  async #compare(sample: readonly SampledEntry[]): Promise<Reason | null> {
    const middle = Math.floor(sample.length / 2);
    const probes = [0, middle, sample.length - PROBES].flatMap((at) =>
      sample.slice(Math.max(at, 0), Math.max(at, 0) + PROBES),
    );
    if (probes.length === 0) return null;
    const { firstRuns } = this.#store;
    const identities = [...new Set(probes)].map(({ identity }) => identity);
    const found = await firstRuns.neighboursKnowing(identities, this.#account.maildrop);
    // Of fewer messages nothing follows, so that the other ledger need not be read.
    const telling = found.filter((other) => sample.length >= this.#leastOf(sample, other));
    let warning: Reason | null = null;
    for (const other of telling.slice(0, MOST_COMPARED)) {
      const known = await this.#known(other, sample);
      const isSame = sample.map(
        ({ identity, octets }) => octets !== null && known.get(keyOf(identity)) === octets,
      );
      // What came since the other maildrop's last run it cannot know: that is left out at the end.
      const common = isSame.lastIndexOf(true) + 1;
      const isWhole = isSame.slice(0, common).every((same) => same);
      const listsTheSame = common === sample.length && other.lastCount === sample.length;
      if (isWhole && 2 * common > sample.length && this.#isEnough(sample, common, other, listsTheSame))
        throw sameMailbox(other, this.#account, SAME_LISTING);
      const count = isSame.filter((same) => same).length;
      if (count >= this.#leastOf(sample, other)) warning ??= someInCommon(other, count, sample.length);
    }
    return warning;
  }

  async #known(
    other: Neighbour,
    sample: readonly SampledEntry[],
  ): Promise<ReadonlyMap<string, number | null>> {
    const entries = await this.#store.entries(
      other.id,
      sample.map(({ identity }) => identity),
    );
    return new Map(entries.map(({ identity, octets }) => [keyOf(identity), octets]));
  }

  /** Whether so many equal messages are enough to take the maildrops for one mailbox. */
  #isEnough(
    sample: readonly SampledEntry[],
    count: number,
    other: Neighbour,
    listsTheSame: boolean,
  ): boolean {
    if (this.#isOfSameUser(other)) return count >= this.#leastOf(sample, other);
    return count >= (listsTheSame ? LEAST.sameListing : LEAST.otherUser);
  }

  /** From so many equal messages on there is a warning. */
  #leastOf(sample: readonly SampledEntry[], other: Neighbour): number {
    const isCounted = sample.every(({ identity }) => identity.length <= LONGEST_NUMBER);
    return this.#isOfSameUser(other) && !isCounted ? LEAST.sameUser : LEAST.counted;
  }

  #isOfSameUser({ address }: Neighbour): boolean {
    return isSameUser(this.#account.user, userOfName(address));
  }

  /** `apart`: it may be fetched twice. `claimed`: an earlier run has begun with this mailbox and found no other. */
  async #claimState(): Promise<"apart" | "claimed" | "new"> {
    if (this.#apart) return "apart";
    if (this.#lease?.isNew === true) return "new";
    const claim = await this.#store.firstRuns.claimOf(this.#account.maildrop);
    if (claim === null) return "new";
    if (claim.apart) return "apart";
    return placeOfName(claim.address) === placeOf(this.#account) ? "claimed" : "new";
  }

  async #hasBegun(maildropId: number): Promise<boolean> {
    for await (const block of this.#store.knownEntries(maildropId)) return block.length > 0;
    return false;
  }
}

const SAME_PLACE = "the same user and host";
const SAME_LISTING = "the server lists the same messages";

function sameMailbox(other: Neighbour, account: Account, why: string): FailureError {
  return new FailureError(
    "same-mailbox",
    `the database has this mailbox as ${other.name} (${why}) and would get all of it again; to go on with it, run: ${renameCommand(other.name, account.maildrop)}; to have it twice, --apart, or 'apart: true' in the accounts file`,
    "config",
  );
}

function someInCommon(other: Neighbour, count: number, of: number): Reason {
  return {
    code: "messages-in-common",
    message: `${count} of ${of} messages looked at have the unique-id and the octets of messages in ${other.name}: if it is the same mailbox, its mail is stored twice`,
  };
}

/** `USER@HOST`, without scheme and port. */
function placeOf({ user, host }: Account): string {
  return `${user}@${hostLiteral(host)}`;
}

function placeOfName(address: string | null): string | null {
  return address?.replace(/:\d+$/, "") ?? null;
}

function userOfName(address: string | null): string | null {
  const place = placeOfName(address);
  return place === null ? null : place.slice(0, place.lastIndexOf("@"));
}

/** Some servers take a user with their domain and without it. */
function isSameUser(one: string, other: string | null): boolean {
  if (other === null) return false;
  return (
    one === other || (one.includes("@") !== other.includes("@") && one.split("@")[0] === other.split("@")[0])
  );
}

function keyOf(identity: Uint8Array): string {
  return Buffer.from(identity).toString("latin1");
}

/** A digest of the first messages of a listing; null if there are none. */
function digestOf(sample: readonly SampledEntry[]): Uint8Array | null {
  if (sample.length === 0) return null;
  const hash = createHash("sha256");
  for (const { identity, octets } of sample) hash.update(`${identity.length} ${octets} `).update(identity);
  return hash.digest();
}
