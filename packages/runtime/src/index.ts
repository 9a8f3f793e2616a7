export { shownText } from "@mailonce/pop3";
export type {
  OutboxDepth,
  OutboxEntry,
  OutboxResult,
  OutboxState,
  StandingSummary,
  StoredAccount,
  StoredPause,
  StoreInspection,
  TypeormStore as Store,
} from "@mailonce/typeorm";
export {
  type AccountProgress,
  type AccountReport,
  AccountRun,
  type AccountRunParts,
  type Turn,
} from "./account-run.ts";
export {
  type Account,
  type AccountAddress,
  accountOf,
  accountUrl,
  maildropName,
  parseAccountUrl,
  type TlsAllowance,
  type TlsMode,
  type TlsVersion,
} from "./account-url.ts";
export { ambiguousId, SHOWN_CANDIDATES } from "./ambiguous-id.ts";
export { accountNameOf, isAccountName } from "./config/account-name.ts";
export {
  type AccountSurroundings,
  accountOptions,
  readCertificates,
} from "./config/account-options.ts";
export { bareAccount } from "./config/bare-account.ts";
export { byPosition, ConfigurationError, type ConfigurationProblem } from "./config/configuration-error.ts";
export {
  CONFIGURATION_NAMES,
  type ConfigurationPlaces,
  configurationDirectory,
  findConfiguration,
  noConfiguration,
  readConfiguration,
  readConfigurationFile,
} from "./config/configuration-file.ts";
export { DEFAULT_WORKER } from "./config/default-worker.ts";
export { configurationSchema } from "./config/json-schema.ts";
export { isMaildropName, MAILDROP_NAME_FORM } from "./config/maildrop-name.ts";
export { readSecret, type SecretSurroundings } from "./config/secret.ts";
export { type SecretText, secretLine, secretVariable, variable } from "./config/secret-text.ts";
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
} from "./config/settings.ts";
export { didYouMean } from "./config/suggestion.ts";
export { surroundingsProblems } from "./config/surroundings-problems.ts";
export { dataDirectory, defaultDatabaseUrl, type Environment } from "./data-directory.ts";
export {
  databaseUrl,
  inspectDatabase,
  migrationInWords,
  openDatabase,
  openDatabaseToChange,
  openExistingDatabase,
} from "./database.ts";
export {
  chooseDeferred,
  type DeferredMessage,
  type DeferredStore,
  deferredMessages,
  dropDeferred,
  retryDeferred,
  SHORT_ID_DIGITS,
} from "./deferred.ts";
export { type ExamineOptions, examine } from "./doctor/examine.ts";
export type { CertificateToTrust, DoctorFacts, StageFailure, TlsFacts } from "./doctor/facts.ts";
export type { Finding, Verdict } from "./doctor/finding.ts";
export { type JudgeContext, type Judgement, judge } from "./doctor/judge.ts";
export { storeFindings } from "./doctor/store-findings.ts";
export { EXIT, type ExitCode, worstExitCode } from "./exit-code.ts";
export { type ExplainOptions, explainAccount } from "./explain-account.ts";
export { type Failure, failureOf, type ServerAddress } from "./failure.ts";
export { AccountUrlError, FailureError } from "./failure-error.ts";
export {
  type AccountOptions,
  type BaselineOptions,
  baselineAccount,
  type CheckOptions,
  checkAccount,
  type FetchOptions,
  fetchAccount,
} from "./fetch-account.ts";
export { readFingerprint, shownFingerprint } from "./fingerprint.ts";
export { FirstRun, type FirstRunStore } from "./first-run.ts";
export {
  type Indexed,
  type IndexOptions,
  type IndexStore,
  indexMessages,
  indexStatus,
} from "./index-messages.ts";
export { type HoldLeaseOptions, holdLease, type Lease, type LeaseStore } from "./lease.ts";
export { describeOwner, isDeadOwner, ownerText } from "./lease-owner.ts";
export type { LastingSecret } from "./login/lasting-secret.ts";
export type { LoginDoubt } from "./login/login-doubt.ts";
export { LoginMemory, type LoginTable, type UsedLogin } from "./login/login-memory.ts";
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
export {
  OAUTH2_PRESETS,
  type OAuth2Preset,
  type OAuth2Wish,
  oauth2Problem,
  oauth2Settings,
} from "./oauth2/presets.ts";
export { newTokenKey, parseTokenKeys, type TokenKey } from "./oauth2/token-key.ts";
export { type TokenProviderParts, tokenProvider } from "./oauth2/token-provider.ts";
export { type KeptGrant, type TokenTable, TokenVault, type TokenVaultParts } from "./oauth2/token-vault.ts";
export { DeliveryError, type DeliveryFacts } from "./outbox/delivery.ts";
export { OutboxDeliverer, type OutboxDelivererParts } from "./outbox/outbox-deliverer.ts";
export { pruneOutbox } from "./outbox/prune.ts";
export { webhookSignature } from "./outbox/webhook.ts";
export {
  type ProcessFacts,
  type ProcessIdentity,
  type ProcessLookUp,
  processFacts,
} from "./process-identity.ts";
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
export { reachServer } from "./reach-server.ts";
export {
  type FormerNames,
  formerMaildrop,
  noteAddress,
  type RenamingStore,
  refuseToFetchAgain,
  renameCommand,
  renameMaildrop,
} from "./rename-maildrop.ts";
export { defaultRestartPolicy, type RestartPolicy } from "./restart.ts";
export {
  AccountService,
  type AccountServiceParts,
  type RunEnd,
  type ServiceObserver,
} from "./schedule/account-service.ts";
export { ACCOUNT_STATES, type AccountState, accountState } from "./schedule/account-state.ts";
export { type Clock, systemClock } from "./schedule/clock.ts";
export { type DatabaseAccounts, databaseAccount, databaseAccounts } from "./schedule/database-accounts.ts";
export { Gate, type GateLimits, SLOW_MS } from "./schedule/gate.ts";
export type { DueOf, RunOne, RunQueue, RunTask } from "./schedule/run-queue.ts";
export type { RunResult } from "./schedule/run-result.ts";
export { NEW_STANDING, PAUSE_CODES, type Pause, resumed, type Standing } from "./schedule/standing.ts";
export { allStandings, findStanding, pauseCode, putStanding } from "./schedule/standing-store.ts";
export { TimerQueue } from "./schedule/timer-queue.ts";
export { type LoginFacts, maildropSession, openSession, type SessionOptions } from "./session.ts";
export { shellWord } from "./shell-word.ts";
export { FileSpool } from "./spool/file-spool.ts";
