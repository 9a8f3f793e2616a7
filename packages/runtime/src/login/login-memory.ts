import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Account } from "../account/account-url.ts";
import type { LastingSecret } from "./lasting-secret.ts";
import { type LoginDoubt, loginDoubt } from "./login-doubt.ts";
import type { Logins, StoredLogin } from "./logins.ts";
import { slowDigest } from "./slow-digest.ts";
import { Unhurried } from "./unhurried.ts";

/** A user, a server and a secret that were used to log in. */
export interface UsedLogin {
  readonly account: Account;
  readonly secret: string;
  /** Where the secret is kept. */
  readonly place: LastingSecret["place"];
  /** See {@link LastingSecret}. */
  readonly fingerprint: Uint8Array | null;
}

type LoginTable = () => Promise<Pick<Logins, "find" | "worked" | "refused"> | null>;

/**
 * A process that ends soon takes a secret in the environment for the noted one for so long at most, unless a login was
 * refused since: else each run would make a slow digest. Where a new secret worked, and is refused without a reason before it
 * is noted, it counts as one that never worked.
 */
const TRUSTED_MS = 3_600_000;

/**
 * Remembers for each maildrop the login that worked last: the database has a slow, salted digest of it. Make one for each
 * process and database. Its methods do not throw: where the database does not answer, nothing is known.
 */
export class LoginMemory {
  readonly #table: LoginTable;
  readonly #now: () => number;
  /** Quick digests of the logins that are noted already, under a key of this process. */
  readonly #noted = new Map<string, Buffer>();
  readonly #key = randomBytes(32);
  /** Notes what worked; null: the process ends soon, and whoever says that it worked waits for that. */
  readonly #unhurried: Unhurried | null;

  /**
   * @param table asked for when it is first needed; null: there is no database
   * @param noting `later`: for processes that stay. A login that worked is noted soon after, and after others, because a slow
   * digest of each would take most of a processor for long when many accounts are new. If the process ends before, the login
   * is noted the next time.
   */
  constructor(table: LoginTable, now: () => number = Date.now, noting: "at once" | "later" = "at once") {
    this.#table = table;
    this.#now = now;
    this.#unhurried = noting === "later" ? new Unhurried() : null;
  }

  /** Notes that the login has just worked. It is quick if the login is the one that was noted last. */
  async worked(login: UsedLogin): Promise<void> {
    const { maildrop } = login.account;
    const quick = this.#quickDigest(login);
    if (this.#noted.get(maildrop)?.equals(quick) === true) return;
    const note = (): Promise<void> => this.#note(login, quick);
    if (this.#unhurried === null) await note();
    else this.#unhurried.add(maildrop, note);
  }

  async #note(login: UsedLogin, quick: Buffer): Promise<void> {
    const { maildrop } = login.account;
    try {
      const table = await this.#table();
      if (table === null) return;
      const known = await table.find(maildrop);
      const fingerprint = login.fingerprint ?? this.#stamp(login);
      const isUnrefused = known?.refusals === 0 && equal(known.fingerprint, fingerprint);
      if (!isUnrefused || fingerprint === null) {
        const isSame = known !== null && (await isThatOf(known, login));
        const { salt, digest } = isSame ? known : await digestOf(login, randomBytes(16));
        if (!isSame || !isUnrefused) await table.worked(maildrop, { salt, digest, fingerprint });
      }
      this.#noted.set(maildrop, quick);
    } catch {
      // As if it had not been noted: it will be the next time.
    }
  }

  /**
   * What to make of a refusal without a reason. Null if this very login is not known to have worked.
   * @param counts true: the refusal is counted in the database; false: nothing is changed there
   */
  async refused(login: UsedLogin, counts: boolean): Promise<LoginDoubt | null> {
    const { maildrop } = login.account;
    await this.#unhurried?.hurry(maildrop);
    try {
      const table = await this.#table();
      const known = (await table?.find(maildrop)) ?? null;
      if (table === null || known === null || !(await isWithDigest(known, login))) return null;
      this.#noted.delete(maildrop);
      const now = this.#now();
      const { refusals, since } = counts
        ? await table.refused(maildrop, new Date(now))
        : { refusals: known.refusals + 1, since: known.since };
      return loginDoubt(refusals, since?.getTime() ?? now, now);
    } catch {
      return null;
    }
  }

  /** Whether another login than this one worked last, as far as is known. Then earlier refusals do not concern this one. */
  async isAnother(login: UsedLogin): Promise<boolean> {
    const { maildrop } = login.account;
    await this.#unhurried?.hurry(maildrop);
    try {
      const known = await (await this.#table())?.find(maildrop);
      return known != null && !(await isThatOf(known, login));
    } catch {
      return false;
    }
  }

  /** Stands for the fingerprint that a secret in the environment has not; null in a process that stays: it asks only once. */
  #stamp(login: UsedLogin): Buffer | null {
    if (login.place !== "environment" || this.#unhurried !== null) return null;
    const time = Math.floor(this.#now() / TRUSTED_MS);
    return createHash("sha256")
      .update(`${time} ${factsOf(login)}`)
      .digest();
  }

  #quickDigest(login: UsedLogin): Buffer {
    return createHmac("sha256", this.#key).update(factsOf(login)).update("\0").update(login.secret).digest();
  }
}

/** All of a login but its secret. */
function factsOf({ account: { user, host, port, tls } }: Pick<UsedLogin, "account">): string {
  return JSON.stringify([user, host, port, tls]);
}

async function digestOf(
  login: UsedLogin,
  salt: Uint8Array,
): Promise<{ readonly salt: Uint8Array; readonly digest: Buffer }> {
  const mixed = createHash("sha256").update(salt).update(factsOf(login)).digest();
  return { salt, digest: await slowDigest(login.secret, mixed) };
}

/** Whether it is the same login: by the fingerprint if that is the same, else by the slow digest. */
async function isThatOf(known: StoredLogin, login: UsedLogin): Promise<boolean> {
  const isUntouched = login.fingerprint !== null && equal(known.fingerprint, login.fingerprint);
  return isUntouched || isWithDigest(known, login);
}

async function isWithDigest(known: StoredLogin, login: UsedLogin): Promise<boolean> {
  const { digest } = await digestOf(login, known.salt);
  return timingSafeEqual(digest, known.digest);
}

function equal(one: Uint8Array | null, other: Uint8Array | null): boolean {
  if (one === null || other === null) return one === other;
  return Buffer.compare(one, other) === 0;
}
