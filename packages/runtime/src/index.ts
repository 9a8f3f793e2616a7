export { shownText } from "@mailonce/pop3";
export type {
  OutboxDepth,
  OutboxEntry,
  OutboxResult,
  OutboxState,
  StandingSummary,
  StoredAccount,
  StoredPause,
} from "@mailonce/typeorm";
export { accountNameOf, isAccountName } from "./account/account-name.ts";
export {
  type Account,
  type AccountAddress,
  AccountUrlError,
  accountOf,
  accountUrl,
  maildropName,
  parseAccountUrl,
  type TlsAllowance,
  type TlsMode,
  type TlsVersion,
} from "./account/account-url.ts";
export { readCertificates } from "./account/certificates.ts";
export { isMaildropName, MAILDROP_NAME_FORM } from "./account/maildrop-name.ts";
export {
  OAUTH2_PRESETS,
  type OAuth2Input,
  type OAuth2Preset,
  oauth2Problem,
  oauth2Settings,
} from "./account/oauth2-presets.ts";
export type {
  AccountSettings,
  Configuration,
  HookSettings,
  LoginSettings,
  OAuth2Settings,
  ProfileName,
  Schedule,
  SecretSource,
  WorkerSettings,
} from "./account/settings.ts";
export { bareAccount } from "./config/bare-account.ts";
export { byPosition, ConfigurationError, type ConfigurationProblem } from "./config/configuration-error.ts";
export {
  CONFIGURATION_NAMES,
  type ConfigurationPlaces,
  findConfiguration,
  noConfiguration,
  readConfiguration,
  readConfigurationFile,
} from "./config/configuration-file.ts";
export { DEFAULT_WORKER } from "./config/default-worker.ts";
export { configurationSchema } from "./config/json-schema.ts";
export { surroundingsProblems } from "./config/surroundings-problems.ts";
export { type ExamineOptions, examine } from "./doctor/examine.ts";
export type { CertificateToTrust, DoctorFacts, StageFailure, TlsFacts } from "./doctor/facts.ts";
export type { Finding, Verdict } from "./doctor/finding.ts";
export { type JudgeContext, type Judgement, judge } from "./doctor/judge.ts";
export { storeFindings } from "./doctor/store-findings.ts";
export { ambiguousId, SHOWN_CANDIDATES } from "./failure/ambiguous-id.ts";
export { type Failure, failureOf } from "./failure/failure.ts";
export { FailureError } from "./failure/failure-error.ts";
export { type Ending, type FailureKind, worstEnding } from "./failure/failure-kind.ts";
export {
  chooseDeferred,
  type DeferredMessage,
  type DeferredStore,
  deferredMessages,
  dropDeferred,
  retryDeferred,
  SHORT_ID_DIGITS,
} from "./ledger/deferred.ts";
export { FirstRun, type FirstRunStore } from "./ledger/first-run.ts";
export {
  type Indexed,
  type IndexOptions,
  type IndexStore,
  indexMessages,
  indexStatus,
} from "./ledger/index-messages.ts";
export { type HoldLeaseOptions, holdLease, type Lease, type LeaseStore } from "./ledger/lease.ts";
export {
  type FormerNames,
  formerMaildrop,
  noteAddress,
  type RenamingStore,
  refuseToFetchAgain,
  renameCommand,
  renameMaildrop,
} from "./ledger/rename-maildrop.ts";
export type { LastingSecret } from "./login/lasting-secret.ts";
export type { LoginDoubt } from "./login/login-doubt.ts";
export { LoginMemory, type UsedLogin } from "./login/login-memory.ts";
export { AccountTokens, type AccountTokensParts, tokenKeyFile } from "./oauth2/account-tokens.ts";
export { AuthorizationServer, type AuthorizationServerParts } from "./oauth2/authorization-server.ts";
export { type BrowserLoginOptions, type BrowserPrompt, logInByBrowser } from "./oauth2/browser-login.ts";
export {
  type DeviceCodeLoginOptions,
  type DevicePrompt,
  logInByDeviceCode,
} from "./oauth2/device-code-login.ts";
export type { Grant } from "./oauth2/grant.ts";
export { makeKeyFile } from "./oauth2/key-file.ts";
export { type LogoutResult, logOut } from "./oauth2/logout.ts";
export { newTokenKey, parseTokenKeys, type TokenKey } from "./oauth2/token-key.ts";
export { type TokenProviderParts, tokenProvider } from "./oauth2/token-provider.ts";
export { type KeptGrant, TokenVault, type TokenVaultParts } from "./oauth2/token-vault.ts";
export { DeliveryError, type DeliveryFacts } from "./outbox/delivery.ts";
export { OutboxDeliverer, type OutboxDelivererParts } from "./outbox/outbox-deliverer.ts";
export { pruneOutbox } from "./outbox/prune.ts";
export { webhookSignature } from "./outbox/webhook.ts";
export { guessProfile, type Profile, profileOf, profileOptions } from "./profiles/profile.ts";
export { profileAdvice } from "./profiles/profile-advice.ts";
export { type DialOptions, dialThrough } from "./proxy/dial-through.ts";
export { ProxyError, type ProxyFault } from "./proxy/proxy-error.ts";
export {
  type ProxyAddress,
  ProxyUrlError,
  parseProxyUrl,
  proxyPlace,
  withProxyPassword,
} from "./proxy/proxy-url.ts";
export { accountFailure } from "./run/account-failure.ts";
export {
  type AccountSurroundings,
  accountOptions,
  runOptions,
} from "./run/account-options.ts";
export {
  type AccountProgress,
  type AccountReport,
  AccountRun,
  type AccountRunParts,
  type Turn,
} from "./run/account-run.ts";
export { type ExplainAccountOptions, explainAccount } from "./run/explain-account.ts";
export {
  type AccountOptions,
  type BaselineAccountOptions,
  baselineAccount,
  type CheckAccountOptions,
  checkAccount,
  type FetchAccountOptions,
  fetchAccount,
} from "./run/fetch-account.ts";
export { defaultRestartPolicy, type RestartPolicy } from "./run/restart.ts";
export {
  type AccountHealth,
  NEVER_RUN,
  PAUSE_CODES,
  type Pause,
  resumed,
} from "./schedule/account-health.ts";
export { RunLimiter, type RunLimits, SLOW_MS } from "./schedule/run-limiter.ts";
export type { DueOf, RunOne, RunQueue, RunTask } from "./schedule/run-queue.ts";
export type { RunResult } from "./schedule/run-result.ts";
export { TimerQueue } from "./schedule/timer-queue.ts";
export { readSecret, type SecretSurroundings } from "./secret/secret.ts";
export { type SecretText, secretLine, secretVariable, variable } from "./secret/secret-text.ts";
export {
  AccountService,
  type AccountServiceParts,
  type RunEnd,
  type ServiceObserver,
} from "./service/account-service.ts";
export { ACCOUNT_STATES, type AccountState, accountState } from "./service/account-state.ts";
export { type DatabaseAccounts, databaseAccount, databaseAccounts } from "./service/database-accounts.ts";
export { allHealth, findHealth, pauseCode, putHealth } from "./service/stored-health.ts";
export {
  type LoginFacts,
  maildropSession,
  openSession,
  type SessionOptions,
} from "./session/account-session.ts";
export { reachServer } from "./session/reach-server.ts";
export { FileSpool } from "./spool/file-spool.ts";
export {
  databaseUrl,
  inspectDatabase,
  migrationInWords,
  openDatabase,
  openDatabaseToChange,
  openExistingDatabase,
} from "./store/database.ts";
export type { Store, StoreInspection } from "./store/store.ts";
export { type Clock, systemClock } from "./system/clock.ts";
export type { Environment } from "./system/environment.ts";
export {
  type ProcessFacts,
  type ProcessIdentity,
  type ProcessLookUp,
  processFacts,
} from "./system/process-identity.ts";
export { describeOwner, isDeadOwner, ownerText } from "./system/process-owner.ts";
export { configurationDirectory, dataDirectory, defaultDatabaseUrl } from "./system/user-folders.ts";
export { readFingerprint, shownFingerprint } from "./text/fingerprint.ts";
export { shellWord } from "./text/shell-word.ts";
export { didYouMean } from "./text/suggestion.ts";
