import type { LoginDoubt } from "../login/login-doubt.ts";
import type { AccountReport } from "../run/account-run.ts";

/** What a run's end means for when the next one may be. */
export type RunResult =
  /** It saw the maildrop through to the end. */
  | { readonly kind: "ended" }
  /**
   * Another program is using the maildrop. `leased`: it is another Mailonce, and the server was not asked. With a `doubt`
   * it is only assumed, because the server refused the login without a reason.
   */
  | { readonly kind: "busy"; readonly leased: boolean; readonly doubt?: LoginDoubt }
  /** The server wants a longer pause between logins. */
  | { readonly kind: "login-delay" }
  /** The server refused the login; `certain`: it said that user or password are wrong, or that it never will. */
  | { readonly kind: "refused"; readonly certain: boolean; readonly message: string }
  /** Its mailbox is fetched into another maildrop: somebody must say what is wanted. */
  | { readonly kind: "held"; readonly message: string }
  /** Network or server failed. */
  | { readonly kind: "trouble" }
  /** This side failed: the database, the disk, the settings. No fault of the server's. */
  | { readonly kind: "local" }
  /** It was asked to end. */
  | { readonly kind: "interrupted" };

const BUSY = new Set(["in-use", "in-use-here", "lease-lost", "guard-failed"]);

/** Codes of failures on this side among those of the kinds `unavailable` and `busy`. */
const LOCAL = new Set([
  "cannot-write",
  "content-refused",
  "database-busy",
  "message-damaged",
  "store-busy",
  "store-failed",
  "store-refused",
  "store-unavailable",
  "store-untrusted",
]);

/** Codes of failures that only `mailonce login` ends. */
const LOGIN_NEEDED = new Set(["grant-revoked", "login-needed"]);

/** RFC 3206: the response codes that say that another try cannot do better. */
const CERTAIN = new Set(["AUTH", "SYS/PERM"]);

/**
 * Says what a run's end means for the next one.
 * @param responseCode of the refused login, null if there was none
 * @param doubt of a login that was refused without a code; null if the login is not known to have worked before
 */
export function runResult(
  { error, ending }: Pick<AccountReport, "error" | "ending">,
  responseCode: string | null,
  doubt: LoginDoubt | null = null,
): RunResult {
  if (error === null) return { kind: "ended" };
  if (ending === "interrupted") return { kind: "interrupted" };
  if (error.code === "login-in-doubt")
    return { kind: "busy", leased: false, ...(doubt === null ? {} : { doubt }) };
  if (BUSY.has(error.code)) return { kind: "busy", leased: error.code === "in-use-here" };
  if (error.code === "login-delay") return { kind: "login-delay" };
  if (error.code === "login-refused")
    return {
      kind: "refused",
      // The doubt has lasted too long: the login is not tried any more.
      certain: CERTAIN.has(responseCode ?? "") || doubt !== null,
      message: error.message,
    };
  if (error.code === "same-mailbox") return { kind: "held", message: error.message };
  // Neither provider nor server is asked again before somebody logs in.
  if (LOGIN_NEEDED.has(error.code)) return { kind: "refused", certain: true, message: error.message };
  // With a back-off, the provider is asked less and less often until somebody changes something.
  if (error.code.startsWith("oauth2-")) return { kind: "trouble" };
  const onThisSide = ending !== "unavailable" && ending !== "busy" && ending !== "denied";
  return { kind: onThisSide || LOCAL.has(error.code) ? "local" : "trouble" };
}
