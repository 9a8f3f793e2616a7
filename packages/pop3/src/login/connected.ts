import type { Capabilities } from "../protocol/capabilities.ts";
import type { ChannelBinding } from "../sasl/mechanism.ts";

/** The server's greeting. */
export interface Greeting {
  /** The text after `+OK`, as that of a Refusal; may be empty. */
  readonly text: string;
  /** The timestamp for APOP with its angle brackets (RFC 1939 section 7), or null. */
  readonly apopTimestamp: string | null;
}

/** What `connect` has found out. */
export interface Connected {
  readonly host: string;
  readonly port: number;
  readonly greeting: Greeting;
  readonly capabilities: Capabilities | null;
  /** False: the capabilities are those of an earlier session. */
  readonly isAsked: boolean;
  readonly encrypted: boolean;
  readonly bindings: readonly ChannelBinding[];
  readonly utf8Wanted: boolean;
  /** Null: where the server lists it. */
  readonly pipelining: boolean | null;
}
