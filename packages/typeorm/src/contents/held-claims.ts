import type { Gateway } from "../database/gateway.ts";
import { keyLists } from "../database/key-lists.ts";
import type { TableNames } from "../schema/table-names.ts";
import { octetsOf } from "../values/octets.ts";
import type { Value } from "../values/row.ts";
import { storedText, TEXT_LENGTH } from "../values/stored-text.ts";
import { uuidToOctets } from "../values/uuid-octets.ts";
import { fromStates, MOST_ATTEMPTS, sortedKeys } from "./content-state.ts";
import { untilDone } from "./until-done.ts";

/** Prolongs all claims of the token. @returns how many it has */
export function renewClaims(
  gateway: Gateway,
  names: TableNames,
  token: string,
  ttlMs: number,
): Promise<number> {
  const { dialect } = gateway;
  return changeClaims(gateway, names, token, `claimed_until = ${dialect.nowPlus}`, [dialect.duration(ttlMs)]);
}

/** Gives all claims of the token back. @returns how many it had */
export function releaseClaims(gateway: Gateway, names: TableNames, token: string): Promise<number> {
  const set = `state = CASE WHEN attempts = 0 THEN 'released' ELSE 'tried' END, claim_token = NULL, claimed_until = NULL`;
  return changeClaims(gateway, names, token, set, []);
}

/**
 * Changes the rows that the token has claimed. They are looked up without a lock and then changed by their keys: found by
 * another index they would be locked in another order than by who saves them at the same time.
 */
function changeClaims(
  gateway: Gateway,
  names: TableNames,
  token: string,
  set: string,
  values: readonly Value[],
): Promise<number> {
  const transaction = () =>
    gateway.transaction(async (statements) => {
      const rows = await statements.rows(
        `SELECT s.message_id AS id ${fromStates(statements, names)} WHERE s.state = 'claimed' AND s.claim_token = ?`,
        [token],
      );
      let changed = 0;
      for (const keys of keyLists(sortedKeys(rows.map((row) => octetsOf(row["id"])))))
        changed += await statements.run(
          `UPDATE ${names.contentState} SET ${set} WHERE message_id IN ${keys.sql} AND claim_token = ?`,
          [...values, ...keys.values, token],
        );
      return changed;
    });
  return untilDone(transaction);
}

/** Counts an attempt for a message that the token has claimed, and gives it back, or up. @returns whether it had it */
export async function failClaim(
  gateway: Gateway,
  names: TableNames,
  { token, id, reason }: { readonly token: string; readonly id: string; readonly reason: string },
): Promise<boolean> {
  const found = await untilDone(() =>
    gateway.change(
      `UPDATE ${names.contentState} SET state = CASE WHEN attempts + 1 >= ${MOST_ATTEMPTS} THEN 'failed' ELSE 'tried' END,
       attempts = attempts + 1, failure = ?, changed_at = ${gateway.dialect.now}, claim_token = NULL, claimed_until = NULL
     WHERE message_id = ? AND claim_token = ?`,
      [storedText(reason, TEXT_LENGTH.reasonMessage), uuidToOctets(id), token],
    ),
  );
  return found > 0;
}
