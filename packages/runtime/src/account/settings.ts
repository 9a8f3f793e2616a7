import type { Mechanism, Timeouts } from "@mailonce/pop3";
import type { Account } from "./account-url.ts";

/** Where a secret is kept; never the secret itself. */
export type SecretSource =
  | { readonly kind: "env"; readonly name: string }
  | { readonly kind: "file"; readonly path: string }
  /** The secret is what the command writes to standard output, without one line end. A single string goes to the shell. */
  | { readonly kind: "command"; readonly command: string | readonly string[] };

/** How an account logs in. `ask`: MAILONCE_PASSWORD, standard input or a prompt. */
export type LoginSettings =
  | { readonly kind: "ask" }
  | { readonly kind: "password"; readonly source: SecretSource }
  | { readonly kind: "oauth2"; readonly oauth2: OAuth2Settings };

/** How an account gets access tokens. */
export interface OAuth2Settings {
  /** The provider whose presets fill in what is left out; null: none. */
  readonly provider: "google" | "microsoft365" | null;
  readonly grant: "device-code" | "browser" | "client-credentials";
  /** An https URL whose metadata name the endpoints (RFC 8414, OpenID Connect Discovery). */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: SecretSource | null;
  readonly scopes: readonly string[];
}

/** Providers whose habits are known. */
export type ProfileName = "generic" | "gmail" | "microsoft365" | "yahoo" | "gmx" | "ovh";

/** When the worker fetches. */
export type Schedule =
  /** From the end of a run to the start of the next. */
  | { readonly kind: "interval"; readonly ms: number }
  | { readonly kind: "cron"; readonly expression: string; readonly timeZone: string | null };

/** What is in a message that a hook may be told of besides its header. */
export const INCLUDABLE = ["text", "html", "parts"] as const;

/** What a hook is told of what is in a message. */
export interface IncludeSettings {
  readonly what: readonly (typeof INCLUDABLE)[number][];
  /** So many octets of each at most: of a text in UTF-8, of the list of parts as JSON. */
  readonly octets: number;
}

/** A receiver that is notified of new mail. `name` is unique in an account: it is part of the outbox's key. */
export type HookSettings =
  | {
      readonly kind: "webhook";
      readonly name: string;
      readonly url: string;
      /** Signs the body (HMAC-SHA-256); null: unsigned. */
      readonly secret: SecretSource | null;
      readonly timeoutMs: number;
      readonly include?: IncludeSettings;
    }
  | {
      readonly kind: "exec";
      readonly name: string;
      readonly command: readonly string[];
      readonly timeoutMs: number;
      readonly include?: IncludeSettings;
    }
  | {
      readonly kind: "queue";
      readonly name: string;
      readonly url: string;
      readonly queue: string;
      readonly include?: IncludeSettings;
    };

/** One account: a maildrop's name, how to reach it, and what is wanted of it. What is left out is absent, never null. */
export interface AccountSettings {
  /** Its name in the accounts file. An account that is given by a URL has its maildrop's name. */
  readonly name: string;
  readonly account: Account;
  readonly login: LoginSettings;
  /** The client's choice if absent. */
  readonly mechanisms?: readonly Mechanism[];
  /** A PEM file of certificates that are trusted besides Node's own list. */
  readonly caFile?: string;
  /** SHA-256 of certificates. If there are any, the server must show one of them, whoever signed it and whatever it says. */
  readonly trustedCertificates: readonly string[];
  /** SHA-256 pins as the POP3 client takes them. */
  readonly pinnedCertificates: readonly string[];
  readonly pinnedPublicKeys: readonly string[];
  /** `socks5://…` or `http://…`. */
  readonly proxy?: string;
  /** Criteria in the language of `--where`; everything is wanted if absent. */
  readonly where?: string;
  /** So many new messages a run at most; all if absent. */
  readonly limit?: number;
  /** Larger messages are deferred; the core's default if absent. */
  readonly maxOctets?: number;
  readonly timeouts: Partial<Timeouts>;
  /** False: one command at a time; as the server says if absent. */
  readonly pipelining?: boolean;
  readonly profile: ProfileName;
  /** When a worker fetches; never if absent. */
  readonly schedule?: Schedule;
  readonly hooks: readonly HookSettings[];
  /** True: another maildrop may hold the same mailbox. */
  readonly apart: boolean;
}

/** What is made of what is in stored mail, so that it can be searched and read with SQL. */
export interface ContentSettings {
  /** False: the text is not kept, nor found by a search; parts, addresses and the preview are. */
  readonly text: boolean;
  /** True: the source of the first HTML part is kept, too. */
  readonly html: boolean;
  /** `stored`: the decoded octets of attachments are kept, too; `metadata`: what is known of them. */
  readonly attachments: "metadata" | "stored";
}

/** What an accounts file says, with all defaults filled in. */
export interface Configuration {
  /** Where it was read, absolute; paths in it were relative to its folder and are absolute here. */
  readonly file: string;
  /** An SQLite file's path is absolute. MAILONCE_DATABASE goes before it; null: that or the default. */
  readonly database: string | null;
  /** The key under which refresh tokens are kept (AES-256-GCM). */
  readonly tokenKey: SecretSource | null;
  /** Accounts at the same time. */
  readonly concurrency: number;
  /** Null: nothing is made of what is in the mail. */
  readonly content: ContentSettings | null;
  readonly worker: WorkerSettings;
  readonly accounts: readonly AccountSettings[];
}

/** Settings of the worker; `mailonce outbox deliver`, which does a part of its work, obeys them too. */
export interface WorkerSettings {
  /** `redis://…`, or null: one process, an in-process scheduler. */
  readonly queue: string | null;
  /** Where /healthz, /readyz and /metrics are served; null: nowhere. */
  readonly listen: { readonly host: string; readonly port: number } | null;
  /** Sessions with one host at the same time. */
  readonly perHost: number;
  /** How long SIGTERM waits for runs under way. */
  readonly shutdownMs: number;
  /** Whether metrics name maildrops, which may be addresses of people. Default true. */
  readonly metricsNames?: boolean;
  /** How long the outbox keeps deliveries that were made; null: for ever. */
  readonly keepDeliveredMs: number | null;
}
