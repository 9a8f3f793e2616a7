import { DuplicateKeyError } from "@mailonce/core";
import { expectText } from "../arguments/expect-arguments.ts";
import type { Gateway } from "../database/gateway.ts";
import type { TableNames } from "../schema/table-names.ts";
import { readExactText } from "../values/stored-text.ts";

/** Octets that the column of an address holds. */
export const ADDRESS_OCTETS = 512;

/** Whose mail each maildrop holds, and on which server: so it is found again when its account gets another name. */
export class StoredAddresses {
  readonly #gateway: Gateway;
  readonly #names: TableNames;

  constructor(gateway: Gateway, names: TableNames) {
    this.#gateway = gateway;
    this.#names = names;
  }

  /** The maildrops that hold the mail of this address, or have one of these names, sorted by name. */
  async maildropsOf(address: string, ...names: readonly string[]): Promise<readonly string[]> {
    expectText("address", address);
    for (const name of names) expectText("name", name);
    const { address: addresses, maildrop } = this.#names;
    const named = names.map(() => `UNION SELECT name FROM ${maildrop} WHERE name = ?`);
    const rows = await this.#gateway.read((statements) =>
      statements.rows(
        `SELECT d.name AS name FROM ${addresses} a JOIN ${maildrop} d ON d.id = a.maildrop_id WHERE a.address = ?
         ${named.join(" ")}`,
        [address, ...names].map(statements.dialect.exactText),
      ),
    );
    return rows.map((row) => readExactText(row["name"])).sort();
  }

  /** Notes whose mail the maildrop holds. Does nothing if there is no such maildrop, or the address is very long. */
  async note(maildrop: string, address: string): Promise<void> {
    expectText("maildrop", maildrop);
    expectText("address", address);
    if (Buffer.byteLength(address) > ADDRESS_OCTETS) return;
    const { address: addresses, maildrop: maildrops } = this.#names;
    const [row] = await this.#gateway.read((statements) =>
      statements.rows(
        `SELECT d.id AS id, a.address AS address FROM ${maildrops} d LEFT JOIN ${addresses} a ON a.maildrop_id = d.id
         WHERE d.name = ?`,
        [statements.dialect.exactText(maildrop)],
      ),
    );
    if (row === undefined || (row["address"] !== null && readExactText(row["address"]) === address)) return;
    const id = Number(row["id"]);
    try {
      await this.#gateway.transaction(async (statements) => {
        await statements.run(`DELETE FROM ${addresses} WHERE maildrop_id = ?`, [id]);
        await statements.run(`INSERT INTO ${addresses} (maildrop_id, address) VALUES (?, ?)`, [
          id,
          statements.dialect.exactText(address),
        ]);
      });
    } catch (error) {
      // Somebody else has just noted it.
      if (!(error instanceof DuplicateKeyError)) throw error;
    }
  }
}
