import { parseProxyUrl } from "@mailonce/runtime/config";
import { usageError } from "./usage-error.ts";

/**
 * `--proxy`, if it makes sense; `none` is null: not through the one of the accounts file.
 * @throws FailureError (`usage`) also where a password stands in it
 */
export function checkedProxy(url: string): string | null {
  if (url === "none") return null;
  if (parseProxyUrl(url).password === null) return url;
  throw usageError(
    "proxy-url",
    "a password does not belong in the proxy's URL: process lists and the shell's history would show it. " +
      "Give it in MAILONCE_PROXY_PASSWORD",
  );
}
