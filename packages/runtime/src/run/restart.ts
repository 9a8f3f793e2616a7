import { setTimeout as delay } from "node:timers/promises";
import { defined } from "../account/defined.ts";
import { text } from "../failure/error-properties.ts";

/** Whether and when a run that broke is followed by another. */
export interface RestartPolicy {
  /** At most so many further runs. */
  readonly restarts: number;
  /** Waits before the n-th of them (1-based); rejects when the signal fires. */
  readonly pause: (restart: number, signal: AbortSignal | undefined) => Promise<void>;
}

const PAUSES = [500, 2000, 5000];

/** Three restarts, after 0.5, 2 and 5 seconds: long enough for a server that restarts, short enough to sit through. */
export const defaultRestartPolicy: RestartPolicy = {
  restarts: PAUSES.length,
  pause: (restart, signal) =>
    delay(PAUSES[Math.min(restart, PAUSES.length) - 1] ?? 0, undefined, defined({ signal })),
};

/** Codes of errors after which a new session may do better: the old one broke, or another run came in between. */
const WORTH_ANOTHER_RUN = new Set([
  "POP3_CONNECTION_CLOSED",
  "POP3_MALFORMED_REPLY",
  "POP3_OUT_OF_STEP",
  "POP3_PROTOCOL_ERROR",
  "POP3_SESSION_CLOSED",
  "POP3_TIMEOUT",
  "garbled-reply",
  "guard-failed",
  "overlong-message",
  "suspect-reply",
  "transaction-conflict",
]);

/** Limits that are also exceeded when replies are out of step. The others would be exceeded in each session again. */
const OUT_OF_STEP = new Set(["messageOctets", "statusLineOctets"]);

/**
 * Codes of errors at connecting and logging in after which another try may do better, if this invocation had a session
 * before: the server may be restarting, or still hold the lock of the session that broke.
 */
const WORTH_ANOTHER_LOGIN = new Set(["POP3_CONNECT_FAILED", "POP3_GREETING_REFUSED", "login-in-doubt"]);

/**
 * Whether to start another run after this error. A login or a connection that fails at the first attempt is never
 * repeated: a wrong password stays wrong, and servers lock out who logs in too often.
 *
 * @param hadSession whether any session of this invocation got past its login
 */
export function isWorthAnotherRun(error: unknown, hadSession: boolean): boolean {
  if (!hadSession || !(error instanceof Error)) return false;
  const code = text(error, "code");
  if (code === "POP3_LIMIT_EXCEEDED") return OUT_OF_STEP.has(text(error, "limit"));
  if (code === "POP3_LOGIN_REFUSED") return text(error, "responseCode") === "IN-USE";
  return WORTH_ANOTHER_RUN.has(code) || WORTH_ANOTHER_LOGIN.has(code);
}
