import type { Account } from "@mailonce/runtime/config";
import type { Invocation } from "../input/invocation.ts";

/** `--wait`, as the options of a run that writes to the ledger. It tells on standard error for whom it waits. */
export function waitOptions(
  { wait }: { readonly wait?: number | "ever" },
  account: Account,
  { terminal }: Invocation,
): { readonly wait?: number | null; readonly onWaiting?: (holder: string) => void } {
  if (wait === undefined) return {};
  return {
    wait: wait === "ever" ? null : wait,
    onWaiting: (holder) => terminal.note(`mailonce: ${account.maildrop}: waiting for ${holder}`),
  };
}
