import {
  expectList,
  expectObject,
  expectOneOf,
  expectText,
  expectTime,
} from "../arguments/expect-arguments.ts";
import { uuidToOctets } from "../values/uuid-octets.ts";
import type { OutboxKey, OutboxQuery, OutboxResult } from "./outbox-entry.ts";

const STATES = ["pending", "delivered", "dead"] as const;

/** What the outbox takes. All throw ArgumentError. */
export function expectQuery(query: OutboxQuery): void {
  expectObject("query", query);
  const { states, maildrop } = query;
  if (maildrop !== undefined) expectText("query.maildrop", maildrop);
  if (states === undefined) return;
  expectList("query.states", states);
  for (const state of states) expectOneOf("query.states[…]", STATES, state);
}

export function expectKey(argument: string, key: OutboxKey): void {
  expectObject(argument, key);
  uuidToOctets(key.messageId, `${argument}.messageId`);
  expectText(`${argument}.hook`, key.hook);
}

export function expectKeys(keys: readonly OutboxKey[]): void {
  expectList("keys", keys);
  for (const key of keys) expectKey("keys[…]", key);
}

export function expectResult(result: OutboxResult): void {
  expectObject("result", result);
  expectOneOf("result.state", STATES, result.state);
  if (result.state === "delivered") {
    expectTime("result.at", result.at);
    return;
  }
  if (result.due !== null) expectTime("result.due", result.due);
  expectObject("result.reason", result.reason);
  expectText("result.reason.code", result.reason.code);
  expectText("result.reason.message", result.reason.message);
}
