import type { LeaseHolder, LeaseRequest, StoredMessage } from "@mailonce/core";
import { expectMilliseconds, expectName, expectText } from "../arguments/expect-arguments.ts";
import { untilDone } from "../contents/until-done.ts";
import type { Gateway } from "../database/gateway.ts";
import { insertRows } from "../database/row-inserter.ts";
import { expectLeaseRequest } from "../ledger/leases.ts";
import type { TableNames } from "../schema/table-names.ts";
import { uuidToOctets } from "../values/uuid-octets.ts";
import {
  allExports,
  changeExport,
  type ExportHolding,
  type ExportProgress,
  type ExportSummary,
  takeExport,
} from "./export-rows.ts";
import { hadAmong, newMessages } from "./new-messages.ts";

/** An export that is held, and the right to change it. */
type Held = Pick<ExportHolding, "id" | "token">;

/**
 * Exports of what is new: each has a name, and notes which messages it has had. Who exports takes the export's lease, writes
 * some messages, makes sure that they are on the disk, notes them, and so on. What was written and not noted when it was
 * killed is found by {@link ExportProgress}. This package writes no files.
 */
export class StoredExports {
  readonly #gateway: Gateway;
  readonly #names: TableNames;

  constructor(gateway: Gateway, names: TableNames) {
    this.#gateway = gateway;
    this.#names = names;
  }

  /**
   * Takes the lease of an export, which is made if there is none of this name, and tells how far it is; as `acquireLease` of
   * a maildrop, a holder that is dead loses it, and the database's clock counts.
   * @returns the holder, if it lives
   */
  async take(name: string, request: LeaseRequest): Promise<ExportHolding | LeaseHolder> {
    expectName("name", name);
    expectLeaseRequest(request);
    return untilDone(() =>
      this.#gateway.transaction((statements) => takeExport(statements, this.#names, name, request)),
    );
  }

  /** Prolongs the lease, also one that has expired but that nobody has taken since. @returns false if it is lost */
  async renew({ id, token }: Held, ttlMs: number): Promise<boolean> {
    expectText("token", token);
    expectMilliseconds("ttlMs", ttlMs);
    const { dialect } = this.#gateway;
    const renewed = await this.#gateway.change(
      `UPDATE ${this.#names.export} SET lease_expires_at = ${dialect.nowPlus} WHERE id = ? AND lease_token = ?`,
      [dialect.duration(ttlMs), id, token],
    );
    return renewed > 0;
  }

  /**
   * Notes that the export has had these messages, and how far it is by that, in one transaction.
   * @throws GuardFailedError if the lease is lost; DuplicateKeyError if one of them was noted before; nothing is noted then
   */
  async note(
    held: Held,
    messageIds: readonly string[],
    progress: Partial<ExportProgress> = {},
  ): Promise<void> {
    expectText("token", held.token);
    const keys = messageIds.map((id) => uuidToOctets(id)).sort((one, other) => Buffer.compare(one, other));
    await this.#gateway.transaction(async (statements) => {
      await changeExport(statements, this.#names, held, progress);
      await insertRows(
        statements,
        { table: this.#names.exportedMessage, columns: ["export_id", "message_id"] },
        keys.map((key) => [held.id, key]),
      );
    });
  }

  /** Gives the lease back if it still belongs to the token; else nothing happens. */
  async release({ id, token }: Held): Promise<void> {
    expectText("token", token);
    await this.#gateway.change(
      `UPDATE ${this.#names.export} SET lease_token = NULL, lease_owner = NULL, lease_expires_at = NULL
       WHERE id = ? AND lease_token = ?`,
      [id, token],
    );
  }

  /**
   * The messages that the export has not had, of one maildrop or of all: one maildrop after the other, of each those stored
   * first come first. What is noted, or stored, while they are read may be among them or not.
   */
  newMessages({ id }: Pick<Held, "id">, maildrop?: string): AsyncIterable<StoredMessage> {
    if (maildrop !== undefined) expectText("maildrop", maildrop);
    return newMessages(this.#gateway, this.#names, id, maildrop ?? null);
  }

  /** Those of some messages, by their ids, that the export has had. */
  async hadAmong({ id }: Pick<Held, "id">, messageIds: readonly string[]): Promise<ReadonlySet<string>> {
    return hadAmong(this.#gateway, this.#names, id, messageIds);
  }

  /** All exports, sorted by name. */
  async all(): Promise<readonly ExportSummary[]> {
    return this.#gateway.read((statements) => allExports(statements, this.#names));
  }

  /** Forgets an export that is held, and all that it has noted: the next one of its name has had nothing. */
  async forget(held: Held): Promise<void> {
    expectText("token", held.token);
    await this.#gateway.transaction(async (statements) => {
      await changeExport(statements, this.#names, held, {});
      for (const [table, column] of [
        [this.#names.exportedMessage, "export_id"],
        [this.#names.export, "id"],
      ])
        await statements.run(`DELETE FROM ${table} WHERE ${column} = ?`, [held.id]);
    });
  }
}
