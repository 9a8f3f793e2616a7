import type { LoginDoubt } from "../login/login-doubt.ts";
import type { AccountReport } from "../run/account-run.ts";

/** What the end of a run means for when the next one may be. */
export type RunResult =
  /** It saw the maildrop through to the end. */
  | { readonly kind: "ended" }
  /**
   * Somebody else is at the maildrop; `leased`: another Mailonce, and the server was not asked. With a `doubt`: so it
   * seems, for the server gives no reason.
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

/** Of what ends with "unavailable" or "busy" these are on this side. */
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

/** Only `mailonce login` helps. */
const LOGIN_NEEDED = new Set(["grant-revoked", "login-needed"]);

/** RFC 3206: the response codes that say that another try cannot do better. */
const CERTAIN = new Set(["AUTH", "SYS/PERM"]);

/**
 * Sorts the end of a run.
 * @param responseCode of the refused login, null if there was none
 * @param doubt what was to be thought of a refusal without one, null if the login is not known to have worked before
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
      // What was in doubt for long enough is tried no more.
      certain: CERTAIN.has(responseCode ?? "") || doubt !== null,
      message: error.message,
    };
  if (error.code === "same-mailbox") return { kind: "held", message: error.message };
  // Neither provider nor server is asked again before somebody logs in.
  if (LOGIN_NEEDED.has(error.code)) return { kind: "refused", certain: true, message: error.message };
  // What a provider refuses it refuses ever more seldom, whoever must change something.
  if (error.code.startsWith("oauth2-")) return { kind: "trouble" };
  const onThisSide = ending !== "unavailable" && ending !== "busy" && ending !== "denied";
  return { kind: onThisSide || LOCAL.has(error.code) ? "local" : "trouble" };
}
