import { type AccountSettings, parseProxyUrl, readFingerprint } from "@mailonce/runtime/config";
import { usageError } from "../input/usage-error.ts";
import type { CommonOptions } from "./accounts-file.ts";

/** The options that the commands have in common that reach mail servers. */
export interface MailOptions extends CommonOptions {
  readonly passwordStdin?: boolean;
  readonly ca?: string;
  /** Fingerprints, as they were typed. */
  readonly pin?: readonly string[];
  readonly maildrop?: string;
  readonly concurrency?: number;
  /** In ms. */
  readonly timeout?: number;
  readonly proxy?: string;
  readonly verbose?: boolean;
  /** The same mailbox may be fetched into another maildrop, too. */
  readonly apart?: boolean;
  /** Criteria, instead of the account's own. */
  readonly where?: string;
}

/**
 * The settings of an account, changed by what the command line says: it goes before what the accounts file says.
 * @throws FailureError (`usage`) if a fingerprint or the proxy's URL makes no sense
 */
export function withOptions(settings: AccountSettings, options: MailOptions): AccountSettings {
  const { ca, pin, passwordStdin, timeout, proxy, where } = options;
  return {
    ...(proxy === undefined ? settings : throughProxy(settings, checkedProxy(proxy))),
    ...(where === undefined ? {} : { where }),
    ...(ca === undefined ? {} : { caFile: ca }),
    ...(pin === undefined
      ? {}
      : { trustedCertificates: checkedPins(pin), pinnedCertificates: [], pinnedPublicKeys: [] }),
    ...(passwordStdin === true && settings.login.kind === "password"
      ? { login: { kind: "ask" } as const }
      : {}),
    ...(timeout === undefined ? {} : { timeouts: { connectMs: timeout, replyMs: timeout, idleMs: timeout } }),
  };
}

/** The account, reached through this proxy, or through none if that is null. */
function throughProxy({ proxy: _own, ...settings }: AccountSettings, proxy: string | null): AccountSettings {
  return proxy === null ? settings : { ...settings, proxy };
}

/**
 * The fingerprints of `--pin` in the form that the POP3 client takes.
 * @throws FailureError (`usage`) where it is no SHA-256
 */
function checkedPins(pins: readonly string[]): readonly string[] {
  return pins.map((pin) => {
    try {
      return readFingerprint(pin);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw usageError("pin", `--pin ${error.message}`);
    }
  });
}

/**
 * The URL of `--proxy`; null for `none`, which means: through no proxy, also where the accounts file names one.
 * @throws FailureError (`usage`) where it is no proxy's URL, or has a password in it
 */
function checkedProxy(url: string): string | null {
  if (url === "none") return null;
  if (parseProxyUrl(url).password === null) return url;
  throw usageError(
    "proxy-url",
    "a password does not belong in the proxy's URL: process lists and the shell's history would show it. " +
      "Give it in MAILONCE_PROXY_PASSWORD",
  );
}
