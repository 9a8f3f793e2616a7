export type {
  OutboxDepth,
  OutboxEntry,
  OutboxResult,
  StandingSummary,
  StoredAccount,
  StoredPause,
} from "@mailonce/typeorm";
export { OutboxDeliverer } from "../outbox/outbox-deliverer.ts";
export { pruneOutbox } from "../outbox/prune.ts";
export { Gate, type GateLimits, SLOW_MS } from "../schedule/gate.ts";
export type { DueOf, RunOne, RunQueue, RunTask } from "../schedule/run-queue.ts";
export type { RunResult } from "../schedule/run-result.ts";
export { NEW_STANDING, PAUSE_CODES, type Pause, resumed, type Standing } from "../schedule/standing.ts";
export { TimerQueue } from "../schedule/timer-queue.ts";
export type { LoginFacts } from "../session/account-session.ts";
export { processFacts } from "../system/process-identity.ts";
export { describeOwner, isDeadOwner, ownerText } from "../system/process-owner.ts";
export { AccountService, type RunEnd, type ServiceObserver } from "./account-service.ts";
export { ACCOUNT_STATES, accountState } from "./account-state.ts";
export { databaseAccount, databaseAccounts } from "./database-accounts.ts";
export { allStandings, findStanding, pauseCode, putStanding } from "./standing-store.ts";
