import type { Capabilities } from "../protocol/capabilities.ts";
import type { ChannelBinding } from "../sasl/mechanism.ts";

/** The server's greeting. */
export interface Greeting {
  /** The text after `+OK`, as that of a Refusal; may be empty. */
  readonly text: string;
  /** The timestamp for APOP with its angle brackets (RFC 1939 section 7), or null. */
  readonly apopTimestamp: string | null;
}

/** What `connect` has found out about the server, and what it was asked for. */
export interface Connected {
  readonly host: string;
  readonly port: number;
  readonly greeting: Greeting;
  readonly capabilities: Capabilities | null;
  /** Whether the capabilities were read in this session; false: they are known from an earlier one. */
  readonly capabilitiesAsked: boolean;
  readonly encrypted: boolean;
  readonly bindings: readonly ChannelBinding[];
  /** Whether UTF8 is sent before the login, where the server offers it. */
  readonly utf8Wanted: boolean;
  /** Whether several commands may be in flight; null: if the server lists PIPELINING. */
  readonly pipelining: boolean | null;
}
