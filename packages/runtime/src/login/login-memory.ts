import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Account } from "../account/account-url.ts";
import { type LoginDoubt, loginDoubt } from "./login-doubt.ts";
import type { Logins, StoredLogin } from "./logins.ts";
import { slowDigest } from "./slow-digest.ts";

/** What a login consisted of. */
export interface UsedLogin {
  readonly account: Account;
  readonly secret: string;
  /** By which the secret is known to be unchanged without looking at it; null if there is no such thing. */
  readonly fingerprint: Uint8Array | null;
}

/**
 * Knows in each maildrop the login that worked last: in the database a slow, salted digest of it. Make one for a process
 * and a database. Nothing in it throws: a run takes no harm where the database does not answer.
 */
export class LoginMemory {
  readonly #table: () => Promise<Pick<Logins, "find" | "worked" | "refused"> | null>;
  readonly #now: () => number;
  /** Of what this process has seen to work and to be noted, digests that mean nothing to any other process. */
  readonly #noted = new Map<string, Buffer>();
  readonly #key = randomBytes(32);

  /** @param table asked for when it is first needed; null: there is no database */
  constructor(
    table: () => Promise<Pick<Logins, "find" | "worked" | "refused"> | null>,
    now: () => number = Date.now,
  ) {
    this.#table = table;
    this.#now = now;
  }

  /** Notes that the login has just worked. That takes time only where the login may be another one than the last. */
  async worked(login: UsedLogin): Promise<void> {
    const { maildrop } = login.account;
    const quick = this.#quickDigest(login);
    if (this.#noted.get(maildrop)?.equals(quick) === true) return;
    try {
      const table = await this.#table();
      if (table === null) return;
      const known = await table.find(maildrop);
      const isSame = known !== null && (await isThatOf(known, login));
      const isNoted = isSame && known.refusals === 0 && equal(known.fingerprint, login.fingerprint);
      if (!isNoted) {
        const { fingerprint } = login;
        const { salt, digest } = isSame ? known : await digestOf(login, randomBytes(16));
        await table.worked(maildrop, { salt, digest, fingerprint });
      }
      this.#noted.set(maildrop, quick);
    } catch {
      // As if it had not been noted: it will be the next time.
    }
  }

  /**
   * What is to be thought of a refusal without a reason; null if it is not known that this very login ever worked.
   * @param counts whether the refusal is noted as one more; false for who changes nothing
   */
  async refused(login: UsedLogin, counts: boolean): Promise<LoginDoubt | null> {
    const { maildrop } = login.account;
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

  /** Whether the login is known not to be the one that worked last, in which case nothing is held against it. */
  async isAnother(login: UsedLogin): Promise<boolean> {
    try {
      const known = await (await this.#table())?.find(login.account.maildrop);
      return known != null && !(await isThatOf(known, login));
    } catch {
      return false;
    }
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

/** By the fingerprint if that tells, for it costs nothing. */
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
