import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { defined } from "../account/defined.ts";
import { FailureError } from "../failure/failure-error.ts";
import { ownRequest } from "../system/process-owner.ts";
import type { Grant } from "./grant.ts";
import { GRANT_REVOKED } from "./oauth2-failure.ts";
import { openGrant, sealGrant } from "./sealed-grant.ts";
import type { TokenKey } from "./token-key.ts";
import type { Tokens } from "./tokens.ts";

/** A grant, and the version of the row that it was read from. */
export interface KeptGrant {
  readonly grant: Grant;
  readonly version: string;
}

export interface TokenVaultParts {
  readonly tokens: Tokens;
  /** Asked for once, when the first grant is to be opened or sealed. The first one seals. */
  readonly keys: () => Promise<readonly [TokenKey, ...TokenKey[]]>;
}

/** A claim expires after so long: longer than an exchange may take. */
const CLAIM_MS = 60_000;
/** Others are waited for at most so long. */
const PATIENCE_MS = 3 * CLAIM_MS;
/** Pauses before what an exchange brought is written once more. */
const WRITE_PAUSES_MS = [100, 500, 2000, 5000];

/**
 * The grants of all accounts, encrypted in the database. Make one for a process: within it, and among all processes on
 * the database, one at a time exchanges a refresh token, and the others get what came of it.
 */
export class TokenVault {
  readonly #tokens: Tokens;
  readonly #makeKeys: TokenVaultParts["keys"];
  #keys: Promise<readonly [TokenKey, ...TokenKey[]]> | null = null;
  readonly #underWay = new Map<string, Promise<KeptGrant>>();
  /** Grants that could not be written yet: nothing else has their refresh tokens. */
  readonly #unwritten = new Map<string, KeptGrant>();

  readonly #remembered = new Map<string, Promise<Grant>>();
  readonly #making = new Map<string, Promise<Grant>>();

  constructor({ tokens, keys }: TokenVaultParts) {
    this.#tokens = tokens;
    this.#makeKeys = keys;
  }

  /**
   * The account's grant; null if it has none.
   * @throws FailureError: `denied` if the provider takes it no longer, `config` if there is no key, or another one is needed
   */
  async read(account: string): Promise<KeptGrant | null> {
    await this.#writeBelated(account);
    const stored = await this.#tokens.find(account);
    if (stored === null) return null;
    if (stored.refusal !== null) {
      throw new FailureError(stored.refusal.code, stored.refusal.message, "denied");
    }
    return { grant: openGrant(stored.sealed, account, await this.keys()), version: stored.version };
  }

  /** Keeps the grant of a new login. */
  async write(account: string, grant: Grant): Promise<void> {
    this.#unwritten.delete(account);
    await this.#tokens.put(account, await this.#seal(account, grant));
  }

  /** @returns false if there was none */
  forget(account: string): Promise<boolean> {
    this.#unwritten.delete(account);
    return this.#tokens.remove(account);
  }

  /** The account's grant, also if the provider has refused it: to revoke it before it is forgotten. Null if there is none. */
  async readToForget(account: string): Promise<Grant | null> {
    const stored = await this.#tokens.find(account);
    return stored === null ? null : openGrant(stored.sealed, account, await this.keys());
  }

  /** @throws FailureError (`config`) if there is none, or what is there is none */
  keys(): Promise<readonly [TokenKey, ...TokenKey[]]> {
    this.#keys ??= this.#makeKeys().catch((error: unknown) => {
      this.#keys = null;
      throw error;
    });
    return this.#keys;
  }

  /**
   * Exchanges the grant that `stale` was for a new one, unless somebody has already. Once begun, an exchange is seen
   * through to the end: its answer may hold the only refresh token there is.
   *
   * @param signal ends the waiting for others
   * @throws what `exchange` throws; a revocation is remembered until the next login
   */
  renew(
    account: string,
    stale: KeptGrant,
    exchange: (grant: Grant) => Promise<Grant>,
    signal?: AbortSignal,
  ): Promise<KeptGrant> {
    const underWay = this.#underWay.get(account);
    // Whoever was under way may have begun before `stale` came to be.
    if (underWay !== undefined) {
      return underWay.then((kept) =>
        kept.version === stale.version ? this.renew(account, stale, exchange, signal) : kept,
      );
    }
    const renewal = this.#renew(account, stale, exchange, signal).finally(() =>
      this.#underWay.delete(account),
    );
    this.#underWay.set(account, renewal);
    return renewal;
  }

  /**
   * A grant that is kept in memory only, because anybody who has the client's secret can have it anew: the known one
   * if it is usable, else a new one; who asks at the same time gets the same.
   */
  async remember(
    name: string,
    isUsable: (grant: Grant) => boolean,
    make: () => Promise<Grant>,
  ): Promise<Grant> {
    const known = await this.#remembered.get(name)?.catch(() => null);
    if (known && isUsable(known)) return known;
    const making = this.#making.get(name) ?? make().finally(() => this.#making.delete(name));
    this.#making.set(name, making);
    this.#remembered.set(name, making);
    return making;
  }

  async #renew(
    account: string,
    stale: KeptGrant,
    exchange: (grant: Grant) => Promise<Grant>,
    signal: AbortSignal | undefined,
  ): Promise<KeptGrant> {
    const request = { token: randomUUID(), ...ownRequest(CLAIM_MS) };
    const deadline = performance.now() + PATIENCE_MS;
    for (let pauseMs = 50; ; pauseMs = Math.min(2 * pauseMs, 500)) {
      signal?.throwIfAborted();
      const kept = await this.read(account);
      if (kept === null) throw loginNeeded(account);
      if (kept.version !== stale.version) return kept;
      const answer = await this.#tokens.claim(account, kept.version, request);
      if (answer === "claimed") {
        const renewed = await this.#exchange(account, kept, request.token, exchange);
        if (renewed !== null) return renewed;
      } else if (answer !== "changed") {
        if (performance.now() > deadline) throw othersBusy(account);
        await delay(Math.min(pauseMs, answer.expiresInMs + 1), undefined, defined({ signal }));
      }
    }
  }

  /** @returns null if the row was changed meanwhile, by a login say: that counts */
  async #exchange(
    account: string,
    { grant, version }: KeptGrant,
    claim: string,
    exchange: (grant: Grant) => Promise<Grant>,
  ): Promise<KeptGrant | null> {
    let renewed: Grant;
    try {
      renewed = await exchange(grant);
    } catch (error) {
      if (error instanceof FailureError && error.code === GRANT_REVOKED) {
        const { code, message } = error;
        const settled = await this.#tokens.settle(account, version, { refusal: { code, message } });
        if (settled === null) return null;
      } else {
        // Should it fail: the claim ends by itself.
        await this.#tokens.release(account, claim).catch(() => {});
      }
      throw error;
    }
    return this.#settle(account, { grant: renewed, version });
  }

  /** Writes what an exchange brought; tries hard, because nobody else has it. */
  async #settle(account: string, kept: KeptGrant): Promise<KeptGrant | null> {
    const sealed = await this.#seal(account, kept.grant);
    this.#unwritten.set(account, kept);
    for (let attempt = 0; ; attempt++) {
      try {
        const version = await this.#tokens.settle(account, kept.version, { sealed });
        this.#unwritten.delete(account);
        return version === null ? null : { grant: kept.grant, version };
      } catch (error) {
        const pause = WRITE_PAUSES_MS[attempt];
        if (pause === undefined) throw error;
        await delay(pause);
      }
    }
  }

  async #writeBelated(account: string): Promise<void> {
    const kept = this.#unwritten.get(account);
    if (kept === undefined) return;
    await this.#tokens.settle(account, kept.version, { sealed: await this.#seal(account, kept.grant) });
    this.#unwritten.delete(account);
  }

  async #seal(account: string, grant: Grant): Promise<Buffer> {
    const [key] = await this.keys();
    return sealGrant(grant, account, key);
  }
}

/** Nobody has logged in yet. */
export function loginNeeded(account: string): FailureError {
  return new FailureError(
    "login-needed",
    `nobody has logged in for ${account} yet: run 'mailonce login ${account}'`,
    "config",
  );
}

function othersBusy(account: string): FailureError {
  return new FailureError(
    "oauth2-unavailable",
    `another process has been getting a token for ${account} for minutes; try again later`,
    "busy",
  );
}
