import { type AccountOptions, dialThrough, FailureError, parseProxyUrl } from "@mailonce/runtime";
import type { Invocation } from "./program.ts";
import { wireLog } from "./wire-log.ts";

/** The options on how to reach a server that the commands on accounts have in common. */
export interface ConnectionOptions {
  readonly proxy?: string;
  readonly verbose?: boolean;
}

/**
 * What `--proxy` and `--verbose` mean for a session.
 * @throws FailureError for a proxy's URL that makes no sense, or that holds a password
 */
export function connectionOptions(
  { proxy, verbose }: ConnectionOptions,
  { env, terminal }: Pick<Invocation, "env" | "terminal">,
  signal: AbortSignal,
): Pick<AccountOptions, "dial" | "onWire"> {
  return {
    ...(proxy === undefined ? {} : { dial: proxyDial(proxy, env, signal) }),
    ...(verbose === true ? { onWire: wireLog((line) => terminal.note(line)) } : {}),
  };
}

function proxyDial(
  url: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): NonNullable<AccountOptions["dial"]> {
  const proxy = parseProxyUrl(url);
  if (proxy.password !== null) {
    throw new FailureError(
      "proxy-url",
      "a password does not belong in the proxy's URL: process lists and the shell's history would show it. " +
        "Give it in MAILONCE_PROXY_PASSWORD",
      2,
    );
  }
  const password = env["MAILONCE_PROXY_PASSWORD"];
  // Set for another proxy: this one asks for no login.
  return dialThrough(url, { signal, ...(password && proxy.user !== null ? { password } : {}) });
}
