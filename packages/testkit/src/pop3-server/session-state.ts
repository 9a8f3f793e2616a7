import type { MaildropBehaviour } from "./behaviour.ts";
import type { Maildrop } from "./maildrop.ts";
import type { Reply } from "./reply.ts";
import type { ServedMessage } from "./served-message.ts";

/** RFC 1939's states; UPDATE is the moment of QUIT. */
export type State = "authorization" | "transaction";

/** Somebody who may log in. */
export interface Account {
  readonly user: string;
  readonly password: string;
  /** Accepted by XOAUTH2 and OAUTHBEARER. */
  readonly token: string | undefined;
  readonly maildrop: Maildrop;
}

/** What the commands of one connection know and change. */
export interface SessionState {
  readonly connection: number;
  readonly accounts: ReadonlyMap<string, Account>;
  /** Behaviour before anybody has logged in: that of the server's first account. */
  readonly firstBehaviour: MaildropBehaviour;
  readonly options: {
    readonly stls: boolean;
    readonly plaintextLogin: boolean;
    readonly mechanisms: readonly string[];
    readonly apop: string | undefined;
  };
  /** Maildrops that some connection is logged in to. */
  readonly inUse: Maildrop[];
  state: State;
  tls: boolean;
  utf8: boolean;
  user: string | undefined;
  account: Account | undefined;
  listing: readonly ServedMessage[];
  readonly uniqueIds: Map<ServedMessage, string>;
  readonly deleted: Set<number>;
  readonly retrieved: Set<ServedMessage>;
}

/** What a command leads to. */
export interface Outcome {
  readonly reply: Reply;
  /** `end`: the connection ends after the reply; `tls`: the handshake follows. */
  readonly after?: "end" | "tls";
  /** The message that the reply carries, if the command is RETR. */
  readonly retrieves?: { readonly messageNumber: number; readonly message: ServedMessage };
  /** The next line is not a command but goes here (SASL). */
  readonly continueWith?: (line: string) => Outcome;
}

/** The behaviour that counts now. */
export function behaviourOf(session: SessionState): MaildropBehaviour {
  return session.account?.maildrop.behaviour ?? session.firstBehaviour;
}
