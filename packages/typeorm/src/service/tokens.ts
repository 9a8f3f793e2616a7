import { randomUUID } from "node:crypto";
import {
  DuplicateKeyError,
  type LeaseHolder,
  type LeaseRequest,
  MailonceError,
  type Reason,
} from "@mailonce/core";
import {
  expectObject,
  expectOctets,
  expectText,
  isName,
  NAME_OCTETS,
} from "../arguments/expect-arguments.ts";
import type { Gateway, Statements } from "../database/gateway.ts";
import { lockRows } from "../database/lock-rows.ts";
import { holds } from "../ledger/lease-rows.ts";
import { expectLeaseRequest } from "../ledger/leases.ts";
import type { TableNames } from "../schema/table-names.ts";
import { octetsOf } from "../values/octets.ts";
import type { Row } from "../values/row.ts";
import { readDate, storedDate } from "../values/stored-date.ts";
import { readExactText, storedText, TEXT_LENGTH } from "../values/stored-text.ts";

/** What is kept for an account that is logged in by OAuth 2. */
export interface StoredToken {
  readonly account: string;
  /** Changes with each change of the row. */
  readonly version: string;
  /** Encrypted by who writes it: the database never sees a token. */
  readonly sealed: Uint8Array;
  /** Why the provider refuses the token; null as long as it is not known to refuse it. */
  readonly refusal: Reason | null;
}

/**
 * The OAuth 2 tokens, shared by all processes on the database. A process claims the row before it exchanges a token for
 * another one, so that no token is exchanged twice; its change counts only if nobody has changed the row meanwhile.
 * Throws the core's errors only.
 */
export class TokenStore {
  readonly #gateway: Gateway;
  readonly #names: TableNames;

  constructor(gateway: Gateway, names: TableNames) {
    this.#gateway = gateway;
    this.#names = names;
  }

  /** What is kept for the account, or null. */
  async find(account: string): Promise<StoredToken | null> {
    expectText("account", account);
    const [row] = await this.#gateway.read((statements) =>
      statements.rows(
        `SELECT account, version, sealed, refusal_code, refusal_message FROM ${this.#names.oauth2Token} WHERE account = ?`,
        [statements.dialect.exactText(account)],
      ),
    );
    return row === undefined ? null : readToken(row);
  }

  /** The accounts for which something is kept, sorted by name. */
  async accounts(): Promise<readonly string[]> {
    const rows = await this.#gateway.read((statements) =>
      statements.rows(`SELECT account FROM ${this.#names.oauth2Token} ORDER BY account`, []),
    );
    return rows.map((row) => readExactText(row["account"]));
  }

  /** Replaces what is kept for the account, a claim and a refusal included. */
  async put(account: string, sealed: Uint8Array): Promise<void> {
    expectText("account", account);
    expectOctets("sealed", sealed);
    if (!isName(account)) {
      throw new MailonceError(
        "maildrop-name",
        `An account's name is a text of at most ${NAME_OCTETS} octets in UTF-8, without NUL.`,
      );
    }
    for (;;) {
      try {
        return await this.#replace(account, sealed);
      } catch (error) {
        // Another login came in between: the last one counts.
        if (!(error instanceof DuplicateKeyError)) throw error;
      }
    }
  }

  #replace(account: string, sealed: Uint8Array): Promise<void> {
    return this.#gateway.transaction(async (statements) => {
      const key = statements.dialect.exactText(account);
      await statements.run(`DELETE FROM ${this.#names.oauth2Token} WHERE account = ?`, [key]);
      await statements.run(
        `INSERT INTO ${this.#names.oauth2Token} (account, version, sealed, changed_at) VALUES (?, ?, ?, ?)`,
        [key, randomUUID(), sealed, storedDate(new Date())],
      );
    });
  }

  /** Forgets the account's token. @returns false if there was none */
  async remove(account: string): Promise<boolean> {
    expectText("account", account);
    return this.#gateway.transaction(async (statements) => {
      const key = statements.dialect.exactText(account);
      return (await statements.run(`DELETE FROM ${this.#names.oauth2Token} WHERE account = ?`, [key])) > 0;
    });
  }

  /**
   * Claims the row as it was at that version, so that nobody else exchanges the token; a claim that has expired, by
   * the database's clock, or whose owner is dead is taken over.
   *
   * @returns "claimed"; "changed" if the row is no longer at that version; or who holds the claim, and how long yet
   */
  async claim(
    account: string,
    version: string,
    request: LeaseRequest,
  ): Promise<"claimed" | "changed" | LeaseHolder> {
    expectText("account", account);
    expectText("version", version);
    expectLeaseRequest(request);
    return this.#gateway.transaction(async (statements) => {
      const row = await this.#lock(statements, account);
      if (row === null || row.version !== version) return "changed";
      const { token, owner, expires, now } = row;
      const isHeld = token !== null && token !== request.token && holds(expires, now);
      if (isHeld && !request.isDead(owner)) return { owner, expiresInMs: expires - now };
      await statements.run(
        `UPDATE ${this.#names.oauth2Token} SET claim_token = ?, claim_owner = ?, claim_expires_at = ? WHERE account = ?`,
        [
          request.token,
          request.owner,
          storedDate(new Date(now + request.ttlMs)),
          statements.dialect.exactText(account),
        ],
      );
      return "claimed";
    });
  }

  /** Gives a claim back, if it is still the token's, and changes nothing else. */
  async release(account: string, token: string): Promise<void> {
    expectText("account", account);
    expectText("token", token);
    await this.#gateway.change(
      `UPDATE ${this.#names.oauth2Token} SET claim_token = NULL, claim_owner = NULL, claim_expires_at = NULL
       WHERE account = ? AND claim_token = ?`,
      [this.#gateway.dialect.exactText(account), token],
    );
  }

  /**
   * Writes how the exchange ended: the token from now on, or why the provider refused. Ends whatever claim there is.
   *
   * @returns the new version; null, and nothing is changed, if the row is no longer at that version
   */
  async settle(
    account: string,
    version: string,
    outcome: { readonly sealed: Uint8Array } | { readonly refusal: Reason },
  ): Promise<string | null> {
    expectText("account", account);
    expectText("version", version);
    expectOutcome(outcome);
    return this.#gateway.transaction(async (statements) => {
      const row = await this.#lock(statements, account);
      if (row?.version !== version) return null;
      const next = randomUUID();
      const [columns, values] =
        "sealed" in outcome
          ? ["sealed = ?, refusal_code = NULL, refusal_message = NULL", [outcome.sealed]]
          : [
              "refusal_code = ?, refusal_message = ?",
              [
                storedText(outcome.refusal.code, TEXT_LENGTH.reasonCode),
                storedText(outcome.refusal.message, TEXT_LENGTH.reasonMessage),
              ],
            ];
      await statements.run(
        `UPDATE ${this.#names.oauth2Token} SET ${columns}, version = ?, changed_at = ?,
         claim_token = NULL, claim_owner = NULL, claim_expires_at = NULL WHERE account = ?`,
        [...values, next, storedDate(new Date()), statements.dialect.exactText(account)],
      );
      return next;
    });
  }

  /** Locks the row until the transaction ends, then reads it; null if there is none. */
  async #lock(statements: Statements, account: string): Promise<Claim | null> {
    const { dialect } = statements;
    const key = dialect.exactText(account);
    await lockRows(statements, `SELECT account FROM ${this.#names.oauth2Token} WHERE account = ?`, [key]);
    const [row] = await statements.rows(
      `SELECT version, claim_token, claim_owner, ${dialect.date("claim_expires_at")}, ${dialect.date(dialect.now, "present")}
       FROM ${this.#names.oauth2Token} WHERE account = ?`,
      [key],
    );
    if (row === undefined) return null;
    const { version, claim_token: token, claim_owner: owner } = row;
    return {
      version: String(version),
      token: typeof token === "string" ? token : null,
      owner: typeof owner === "string" ? owner : "",
      expires: readDate(row["claim_expires_at"])?.getTime() ?? 0,
      now: readDate(row["present"])?.getTime() ?? Date.now(),
    };
  }
}

function expectOutcome(outcome: { readonly sealed: Uint8Array } | { readonly refusal: Reason }): void {
  expectObject("outcome", outcome);
  if ("sealed" in outcome) {
    expectOctets("outcome.sealed", outcome.sealed);
    return;
  }
  expectObject("outcome.refusal", outcome.refusal);
  expectText("outcome.refusal.code", outcome.refusal.code);
  expectText("outcome.refusal.message", outcome.refusal.message);
}

/** A row's claim, and what time it is to the database. */
interface Claim {
  readonly version: string;
  readonly token: string | null;
  readonly owner: string;
  readonly expires: number;
  readonly now: number;
}

function readToken(row: Row): StoredToken {
  const { refusal_code: code, refusal_message: message } = row;
  return {
    account: readExactText(row["account"]),
    version: String(row["version"]),
    sealed: octetsOf(row["sealed"]),
    refusal: typeof code === "string" ? { code, message: typeof message === "string" ? message : "" } : null,
  };
}
