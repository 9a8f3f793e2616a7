export { shownText } from "@mailonce/pop3";
export { BackgroundIndexer } from "./content/background-indexer.ts";
export { ambiguousId } from "./failure/ambiguous-id.ts";
export { type Failure, failureOf } from "./failure/failure.ts";
export { FailureError } from "./failure/failure-error.ts";
export { type Ending, worstEnding } from "./failure/failure-kind.ts";
export {
  chooseDeferred,
  type DeferredMessage,
  deferredMessages,
  dropDeferred,
  retryDeferred,
  SHORT_ID_DIGITS,
} from "./ledger/deferred.ts";
export { FirstRun } from "./ledger/first-run.ts";
export { HeldExport } from "./ledger/held-export.ts";
export { indexMessages, indexStatus } from "./ledger/index-messages.ts";
export type { ExportPlace, ExportProgress } from "./ledger/ports.ts";
export { noteAddress, refuseToFetchAgain, renameCommand, renameMaildrop } from "./ledger/rename-maildrop.ts";
export { LoginMemory } from "./login/login-memory.ts";
export { accountFailure } from "./run/account-failure.ts";
export { accountOptions, runOptions } from "./run/account-options.ts";
export { type AccountReport, AccountRun, notRun } from "./run/account-run.ts";
export { explainAccount } from "./run/explain-account.ts";
export { type AccountOptions, baselineAccount, checkAccount, fetchAccount } from "./run/fetch-account.ts";
export { connectEarly, openSession, reachServer } from "./session/account-session.ts";
export { FileSpool } from "./spool/file-spool.ts";
export {
  databaseUrl,
  openDatabase,
  openDatabaseToChange,
  openExistingDatabase,
} from "./store/database.ts";
export type { Store } from "./store/store.ts";
