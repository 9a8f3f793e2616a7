import type { ProfileName } from "../account/settings.ts";
import type { AccountOptions } from "../run/fetch-account.ts";
import type { ExaminedDatabase } from "./ledger-facts.ts";

/** What an examination needs. */
export interface ExamineOptions extends AccountOptions {
  /** What people call the account. */
  readonly name: string;
  readonly profile: ProfileName;
  /** For people: through which proxy, without user and password; null if there is none. */
  readonly proxy: string | null;
  /** The caller closes what this opens. */
  readonly database: ExaminedDatabase;
  /** True: the account's mailbox may be fetched into another maildrop, too. */
  readonly apart?: boolean;
  /** The maildrops of all accounts. */
  readonly maildrops?: Iterable<string>;
  readonly signal: AbortSignal;
  /**
   * False: no message is retrieved, so that TOP and the listed octets are not put to the test. Some servers mark what is
   * retrieved as read.
   */
  readonly retrieve?: boolean;
  /** How long answers to commands that were sent at once are waited for; 10,000 if absent. */
  readonly patienceMs?: number;
}
