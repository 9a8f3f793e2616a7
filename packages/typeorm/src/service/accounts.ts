import { DuplicateKeyError } from "@mailonce/core";
import { expectName, expectObject, expectText } from "../arguments/expect-arguments.ts";
import type { Gateway } from "../database/gateway.ts";
import type { TableNames } from "../schema/table-names.ts";
import { storedDate } from "../values/stored-date.ts";
import { readExactText } from "../values/stored-text.ts";

/** An account that is kept in the database. */
export interface StoredAccount {
  /** The maildrop's name. */
  readonly name: string;
  /** JSON: what an entry of an accounts file says. It holds no secret, only where one is kept. */
  readonly settings: string;
}

/** The accounts that programs keep in the database, beside those of an accounts file. */
export class StoredAccounts {
  readonly #gateway: Gateway;
  readonly #names: TableNames;

  constructor(gateway: Gateway, names: TableNames) {
    this.#gateway = gateway;
    this.#names = names;
  }

  /** All, by name. */
  async list(): Promise<readonly StoredAccount[]> {
    const rows = await this.#gateway.read((statements) =>
      statements.rows(`SELECT name, settings FROM ${this.#names.account} ORDER BY name`, []),
    );
    return rows.map((row) => ({ name: readExactText(row["name"]), settings: String(row["settings"]) }));
  }

  /** A text that changes whenever an account is added or removed: cheaper to compare than the list. */
  async version(): Promise<string> {
    const [row] = await this.#gateway.read((statements) => {
      const last = statements.dialect.date("MAX(changed_at)", "last");
      return statements.rows(`SELECT COUNT(*) AS number, ${last} FROM ${this.#names.account}`, []);
    });
    return `${row?.["number"]} ${row?.["last"]}`;
  }

  /** False, and nothing changed, if there is one of this name. */
  async add(account: StoredAccount): Promise<boolean> {
    expectObject("account", account);
    const { name, settings } = account;
    expectName("account.name", name);
    expectText("account.settings", settings);
    try {
      await this.#gateway.transaction((statements) =>
        statements.run(`INSERT INTO ${this.#names.account} (name, settings, changed_at) VALUES (?, ?, ?)`, [
          statements.dialect.exactText(name),
          settings,
          storedDate(new Date()),
        ]),
      );
      return true;
    } catch (error) {
      if (error instanceof DuplicateKeyError) return false;
      throw error;
    }
  }

  /** False if there is none of this name. What is stored of its mail stays. */
  async remove(name: string): Promise<boolean> {
    expectText("name", name);
    return this.#gateway.transaction(async (statements) => {
      const key = statements.dialect.exactText(name);
      return (await statements.run(`DELETE FROM ${this.#names.account} WHERE name = ?`, [key])) > 0;
    });
  }
}
