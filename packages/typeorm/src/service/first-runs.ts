import { DuplicateKeyError } from "@mailonce/core";
import type { Gateway, Statements } from "../database/gateway.ts";
import { lockRows } from "../database/lock-rows.ts";
import type { TableNames } from "../schema/table-names.ts";
import type { Row, Value } from "../values/row.ts";
import { readExactText } from "../values/stored-text.ts";
import { ADDRESS_OCTETS } from "./addresses.ts";

/** A maildrop that may hold the same mail as another one. */
export interface Neighbour {
  readonly id: number;
  readonly name: string;
  /** Whose mail it holds, `USER@HOST` or `USER@HOST:PORT`; null if that was never noted. */
  readonly address: string | null;
  /** Messages in its last listing that was not suspicious; 0 before the first. */
  readonly lastCount: number;
}

/** By what the mailbox of a maildrop can be recognized that is about to have its first run. */
export interface FirstRunClaim {
  /** Whose mail it is, with the port where that is none of the usual ones; null: that is too long to be noted. */
  readonly address: string | null;
  /** A digest (32 octets) of its first listing; null if that has nothing that makes it unlike others. */
  readonly digest: Uint8Array | null;
  /** True: another maildrop may hold the same mail, so none is looked for. */
  readonly apart: boolean;
}

/** A claim, and who waits for it. */
interface WaitingClaim {
  readonly maildrop: string;
  readonly claim: FirstRunClaim;
  readonly place: string;
  readonly isSame: (other: Neighbour) => boolean;
  readonly resolve: (same: Neighbour | null) => void;
  readonly reject: (error: unknown) => void;
}

const NEIGHBOUR = "d.id AS id, d.name AS name, a.address AS address, d.last_count AS last_count";

/** Recognizes a mailbox that another maildrop has fetched already, so that nothing is fetched twice under two names. */
export class StoredFirstRuns {
  readonly #gateway: Gateway;
  readonly #names: TableNames;
  /** The claims of this process that wait for those under way. */
  #waiting: WaitingClaim[] = [];
  #underWay: Promise<void> = Promise.resolve();

  constructor(gateway: Gateway, names: TableNames) {
    this.#gateway = gateway;
    this.#names = names;
  }

  /** What the maildrop claimed before its first run; null if it has had none. */
  async claimOf(maildrop: string): Promise<Omit<FirstRunClaim, "digest"> | null> {
    const { maildrop: maildrops, firstRun, address } = this.#names;
    const [row] = await this.#gateway.read((statements) =>
      statements.rows(
        `SELECT f.apart AS apart, a.address AS address FROM ${firstRun} f
         JOIN ${maildrops} d ON d.id = f.maildrop_id LEFT JOIN ${address} a ON a.maildrop_id = d.id
         WHERE d.name = ?`,
        [statements.dialect.exactText(maildrop)],
      ),
    );
    if (row === undefined) return null;
    return { apart: Number(row["apart"]) === 1, address: readAddress(row["address"]) };
  }

  /**
   * The other maildrops that hold the mail of this user on this host, whatever the port, sorted by name.
   * @param place `USER@HOST`
   */
  neighboursAt(place: string, maildrop: string): Promise<readonly Neighbour[]> {
    return this.#gateway.read((statements) => this.#at(statements, place, maildrop));
  }

  /**
   * The other maildrops whose ledger knows one of these identities. Looks into the ledger once for each maildrop and
   * identity, so give it a few identities only.
   */
  neighboursKnowing(identities: readonly Uint8Array[], maildrop: string): Promise<readonly Neighbour[]> {
    const { maildrop: maildrops, ledgerEntry, address } = this.#names;
    if (identities.length === 0) return Promise.resolve([]);
    return this.#gateway.read(async (statements) => {
      const { dialect } = statements;
      // From the maildrops to their entries: there is no index on identities alone, and no need for one.
      const { select, join } = dialect.orderedJoin;
      const knowing = `${select} ${NEIGHBOUR} FROM ${maildrops} d
        ${join} ${ledgerEntry} e ON e.maildrop_id = d.id AND e.identity = ?
        LEFT JOIN ${address} a ON a.maildrop_id = d.id WHERE d.name <> ?`;
      // All in one statement, which is one way there and back.
      const rows = await statements.rows(
        identities.map(() => knowing).join(" UNION ALL "),
        identities.flatMap((identity) => [identity, dialect.exactText(maildrop)]),
      );
      const found = new Map(rows.map(readNeighbour).map((neighbour) => [neighbour.id, neighbour]));
      return sorted([...found.values()]);
    });
  }

  /**
   * Notes by what the maildrop's mailbox can be recognized. If another maildrop holds the mail of the same address, or began
   * with the same listing and `isSame` says that it is the same mail, nothing is noted, and that maildrop is given. Of two
   * claims at the same time one comes first.
   * @param place `USER@HOST`
   */
  claim(
    maildrop: string,
    claim: FirstRunClaim,
    place: string,
    isSame: (other: Neighbour) => boolean,
  ): Promise<Neighbour | null> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ maildrop, claim, place, isSame, resolve, reject });
      // Those of one process follow each other, or each would wait for the same row with a connection.
      this.#underWay = this.#underWay.then(() => this.#settle(this.#waiting.splice(0)));
    });
  }

  /** Makes the claims one after the other, in one transaction; if it fails, each in one of its own. Does not throw. */
  async #settle(claims: readonly WaitingClaim[]): Promise<void> {
    const [first] = claims;
    if (first === undefined) return;
    try {
      const found = await this.#claimAll(claims);
      for (const [n, { resolve }] of claims.entries()) resolve(found[n] ?? null);
    } catch (error) {
      if (claims.length > 1) for (const one of claims) await this.#settle([one]);
      // Somebody else has just noted it for this maildrop.
      else if (error instanceof DuplicateKeyError) first.resolve(null);
      else first.reject(error);
    }
  }

  #claimAll(claims: readonly WaitingClaim[]): Promise<readonly (Neighbour | null)[]> {
    return this.#gateway.transaction(async (statements) => {
      // What is read from here on cannot be changed by another claim before this one ends. Any row will do, if it is the
      // same for all.
      await lockRows(statements, `SELECT id FROM ${this.#names.maildrop} ORDER BY id LIMIT 1`, []);
      const found: (Neighbour | null)[] = [];
      for (const claim of claims) found.push(await this.#claim(statements, claim));
      return found;
    });
  }

  async #claim(
    statements: Statements,
    { maildrop, claim, place, isSame }: WaitingClaim,
  ): Promise<Neighbour | null> {
    if (!claim.apart) {
      const [at] = await this.#at(statements, place, maildrop);
      if (at !== undefined) return at;
      const alike = await this.#alike(statements, claim.digest, maildrop);
      const same = alike.find(isSame);
      if (same !== undefined) return same;
    }
    await this.#note(statements, maildrop, claim);
    return null;
  }

  async #at(statements: Statements, place: string, maildrop: string): Promise<readonly Neighbour[]> {
    const { maildrop: maildrops, address } = this.#names;
    const { dialect } = statements;
    const own = dialect.exactText(maildrop);
    const from = `FROM ${address} a JOIN ${maildrops} d ON d.id = a.maildrop_id WHERE d.name <> ? AND`;
    // The index has them side by side: after a colon comes the port, and ";" is the next sign after ":".
    const rows = await statements.rows(
      `SELECT ${NEIGHBOUR} ${from} (a.address = ? OR (a.address >= ? AND a.address < ?))`,
      [own, ...[place, `${place}:`, `${place};`].map((address) => dialect.exactText(address))],
    );
    const hasPortAtMost = ({ address: other }: Neighbour): boolean =>
      /^(?::\d+)?$/.test(other?.slice(place.length) ?? "");
    return sorted(rows.map(readNeighbour).filter(hasPortAtMost));
  }

  async #alike(
    statements: Statements,
    digest: Uint8Array | null,
    maildrop: string,
  ): Promise<readonly Neighbour[]> {
    if (digest === null) return [];
    const { maildrop: maildrops, address, firstRun } = this.#names;
    const rows = await statements.rows(
      `SELECT ${NEIGHBOUR} FROM ${firstRun} f JOIN ${maildrops} d ON d.id = f.maildrop_id
       LEFT JOIN ${address} a ON a.maildrop_id = d.id WHERE f.digest = ? AND d.name <> ?`,
      [digest, statements.dialect.exactText(maildrop)],
    );
    return sorted(rows.map(readNeighbour));
  }

  async #note(
    statements: Statements,
    maildrop: string,
    { address, digest, apart }: FirstRunClaim,
  ): Promise<void> {
    const { address: addresses, firstRun, maildrop: maildrops } = this.#names;
    const { dialect } = statements;
    const own = dialect.exactText(maildrop);
    const note = (table: string, columns: readonly string[], values: readonly Value[]): Promise<number> =>
      statements.run(
        `INSERT INTO ${table} (maildrop_id, ${columns.join(", ")})
         SELECT id, ${columns.map(() => "?").join(", ")} FROM ${maildrops} WHERE name = ?
         ${dialect.overwrite(["maildrop_id"], columns)}`,
        [...values, own],
      );
    await note(firstRun, ["digest", "apart"], [digest, Number(apart)]);
    if (address !== null && Buffer.byteLength(address) <= ADDRESS_OCTETS)
      await note(addresses, ["address"], [dialect.exactText(address)]);
    else
      await statements.run(
        `DELETE FROM ${addresses} WHERE maildrop_id = (SELECT id FROM ${maildrops} WHERE name = ?)`,
        [own],
      );
  }
}

function readNeighbour(row: Row): Neighbour {
  return {
    id: Number(row["id"]),
    name: readExactText(row["name"]),
    address: readAddress(row["address"]),
    lastCount: Number(row["last_count"]),
  };
}

function readAddress(value: unknown): string | null {
  return value === null ? null : readExactText(value);
}

function sorted(neighbours: readonly Neighbour[]): readonly Neighbour[] {
  return [...neighbours].sort((one, other) => (one.name < other.name ? -1 : 1));
}
