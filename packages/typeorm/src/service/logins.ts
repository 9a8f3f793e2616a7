import type { Gateway } from "../database/gateway.ts";
import type { TableNames } from "../schema/table-names.ts";
import { octetsOf, octetsOrNull } from "../values/octets.ts";
import { readDate, storedDate } from "../values/stored-date.ts";

/** How often a login was refused without a reason since it worked last. */
export interface LoginRefusals {
  readonly refusals: number;
  /** When it was refused first; null if it was not. */
  readonly since: Date | null;
}

/** What is kept of the login that worked last in a maildrop; nothing in it could be used to log in. */
export interface StoredLogin extends LoginRefusals {
  /** 16 random octets. */
  readonly salt: Uint8Array;
  /** 32 octets that take long to compute, made of the salt and all that the login consists of. */
  readonly digest: Uint8Array;
  /**
   * 32 octets that stay the same as long as the secret is taken to, made of when its file was changed, of the time and the
   * like, and not of the secret itself; null if there is nothing to make them of.
   */
  readonly fingerprint: Uint8Array | null;
}

/** What is remembered of a login that worked. */
export type WorkingLogin = Pick<StoredLogin, "salt" | "digest" | "fingerprint">;

/** The columns that a login which works sets. */
const NOTED = ["salt", "digest", "fingerprint", "refusals", "refused_since"] as const;

/** The login that worked last in each maildrop, shared by all processes on the database. */
export class StoredLogins {
  readonly #gateway: Gateway;
  readonly #names: TableNames;

  constructor(gateway: Gateway, names: TableNames) {
    this.#gateway = gateway;
    this.#names = names;
  }

  /** Null if none is known to have worked. */
  async find(maildrop: string): Promise<StoredLogin | null> {
    const [row] = await this.#gateway.read((statements) => {
      const { dialect } = statements;
      return statements.rows(
        `SELECT l.salt AS salt, l.digest AS digest, l.fingerprint AS fingerprint, l.refusals AS refusals,
           ${dialect.date("l.refused_since", "refused_since")}
         FROM ${this.#names.login} l JOIN ${this.#names.maildrop} d ON d.id = l.maildrop_id WHERE d.name = ?`,
        [dialect.exactText(maildrop)],
      );
    });
    if (row === undefined) return null;
    return {
      salt: octetsOf(row["salt"]),
      digest: octetsOf(row["digest"]),
      fingerprint: octetsOrNull(row["fingerprint"]),
      refusals: Number(row["refusals"]),
      since: readDate(row["refused_since"]),
    };
  }

  /** Notes a login that has just worked, and forgets refusals. Does nothing if there is no such maildrop. */
  async worked(maildrop: string, { salt, digest, fingerprint }: WorkingLogin): Promise<void> {
    const { login, maildrop: maildrops } = this.#names;
    const { dialect } = this.#gateway;
    await this.#gateway.change(
      `INSERT INTO ${login} (maildrop_id, ${NOTED.join(", ")}) SELECT id, ?, ?, ?, 0, NULL FROM ${maildrops}
       WHERE name = ?${dialect.overwrite(["maildrop_id"], NOTED)}`,
      [salt, digest, fingerprint, dialect.exactText(maildrop)],
    );
  }

  /** Notes that the login was refused without a reason. Gives how often it was, this time included, since it worked. */
  async refused(maildrop: string, at: Date): Promise<LoginRefusals> {
    const { login, maildrop: maildrops } = this.#names;
    await this.#gateway.transaction((statements) =>
      statements.run(
        `UPDATE ${login} SET refusals = refusals + 1, refused_since = COALESCE(refused_since, ?)
         WHERE maildrop_id = (SELECT id FROM ${maildrops} WHERE name = ?)`,
        [storedDate(at), statements.dialect.exactText(maildrop)],
      ),
    );
    return (await this.find(maildrop)) ?? { refusals: 1, since: at };
  }

  /** Forgets how often it was refused, and since when. */
  async forgive(maildrop: string): Promise<void> {
    const { login, maildrop: maildrops } = this.#names;
    await this.#gateway.transaction((statements) =>
      statements.run(
        `UPDATE ${login} SET refusals = 0, refused_since = NULL
         WHERE maildrop_id = (SELECT id FROM ${maildrops} WHERE name = ?)`,
        [statements.dialect.exactText(maildrop)],
      ),
    );
  }
}
