export type { Outbox, OutboxDepth, OutboxEntry, OutboxResult } from "../outbox/outbox.ts";
export { longestTimeoutMs, OutboxDeliverer } from "../outbox/outbox-deliverer.ts";
export { pruneOutbox } from "../outbox/prune.ts";
export {
  type AccountHealth,
  NEVER_RUN,
  PAUSE_CODES,
  type Pause,
} from "../schedule/account-health.ts";
export { RunLimiter, type RunLimits, SLOW_MS } from "../schedule/run-limiter.ts";
export type { DueOf, RunOne, RunQueue, RunTask } from "../schedule/run-queue.ts";
export type { RunResult } from "../schedule/run-result.ts";
export { TimerQueue } from "../schedule/timer-queue.ts";
export type { LoginFacts } from "../session/account-session.ts";
export { describeOwner } from "../system/process-owner.ts";
export { type AccountChanges, accountChanges, allAccounts } from "./account-changes.ts";
export { AccountService } from "./account-service.ts";
export { ACCOUNT_STATES, accountState } from "./account-state.ts";
export { AnswersInTime } from "./answers-in-time.ts";
export { ClockWatch } from "./clock-watch.ts";
export { databaseAccount, databaseAccounts } from "./database-accounts.ts";
export { HangWatch } from "./hang-watch.ts";
export { heldBack } from "./held-back.ts";
export { allOf, type RunEnd, type ServiceObserver } from "./observers.ts";
export { OutboxService } from "./outbox-service.ts";
export { pauseByHand, resume } from "./pause-by-hand.ts";
export { PauseWatch } from "./pause-watch.ts";
export { Peers } from "./peers.ts";
export type { Accounts, StandingSummary, Standings, StoredPause } from "./ports.ts";
export { allHealth, pauseCode } from "./stored-health.ts";
