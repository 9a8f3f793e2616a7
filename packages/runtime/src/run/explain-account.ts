import { type Explained, explainMaildrop, type QueryCriteria } from "@mailonce/core";
import { LoginWitness } from "../login/login-witness.ts";
import { openSession } from "../session/account-session.ts";
import type { AccountOptions } from "./fetch-account.ts";

/** What an explanation needs. */
export interface ExplainAccountOptions extends AccountOptions {
  readonly criteria: QueryCriteria;
  /** Only so many messages, from the end of the listing. */
  readonly limit?: number;
}

/**
 * Says of each message of one maildrop whether the criteria want it, and why. Reads headers only, and changes nothing.
 * Nothing happens until it is iterated.
 * @throws what connecting, logging in and asking throw; `failureOf` puts it in words
 */
export async function* explainAccount(options: ExplainAccountOptions): AsyncGenerator<Explained> {
  const { account, criteria, limit } = options;
  const witness = new LoginWitness({ ...options, writes: false });
  const { credentials } = witness;
  const session = await witness.around(() => openSession(account, { ...options, credentials }));
  try {
    yield* explainMaildrop({ session, criteria, ...(limit === undefined ? {} : { limit }) });
  } finally {
    session.close();
  }
}
