import { ServerError } from "@mailonce/core";
import { hostLiteral } from "../text/host-literal.ts";
import { certificateFault, doubtedCertificate } from "./certificate-fault.ts";
import { oneLine, text } from "./error-properties.ts";
import { FailureError } from "./failure-error.ts";
import type { FailureKind } from "./failure-kind.ts";
import { isTokenRefusal, type LoginFailureFacts, loginRefused, noMechanism } from "./login-refusal.ts";

/** How something ended that did not end well: a stable code, one sentence that says what to do, the kind. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly kind: FailureKind;
}

/** Which server an error is about. */
export interface FailedServer {
  readonly host: string;
  readonly port: number;
  /** `none`: the line has no TLS. */
  readonly tls?: string;
  /** What a person should do whose password is refused; "check user and password" if absent. */
  readonly passwordAdvice?: string;
}

/** What the words for a failure are made of. Errors are recognised by `code`, so that no package need be loaded for it. */
interface Facts extends LoginFailureFacts {
  /** `HOST port PORT`, or "the server". */
  readonly server: string;
  /** The code that lies below: Node's, or the server's response code. */
  readonly detail: string;
}

type Row = (facts: Facts) => Failure;

const row = (code: string, kind: FailureKind, message: (facts: Facts) => string): Row => {
  return (facts) => ({ code, kind, message: message(facts) });
};

const BUSY: Readonly<Record<string, Row>> = {
  "IN-USE": row(
    "in-use",
    "busy",
    (f) => `the maildrop is in use by another session; try again later${f.said}`,
  ),
  "LOGIN-DELAY": row(
    "login-delay",
    "busy",
    (f) => `${f.host} wants a pause between logins; try again later${f.said}`,
  ),
  "SYS/TEMP": row(
    "server-trouble",
    "busy",
    (f) => `${f.host} has trouble for the moment; try again later${f.said}`,
  ),
};

const CONNECT: Readonly<Record<string, Row>> = {
  ENOTFOUND: row(
    "unknown-host",
    "unavailable",
    (f) => `there is no host ${f.host}: check the name in the URL`,
  ),
  EAI_AGAIN: row(
    "name-lookup-failed",
    "unavailable",
    (f) => `the name ${f.host} cannot be looked up now: check it, and this machine's network`,
  ),
  ECONNREFUSED: row(
    "connection-refused",
    "unavailable",
    (f) => `${f.server} refuses the connection: check the port (usual are 995 for pop3s://, 110 for pop3://)`,
  ),
  EMFILE: row(
    "too-many-files",
    "unavailable",
    () =>
      "this process may open no more connections: fetch fewer accounts at the same time, or raise 'ulimit -n'",
  ),
};

/** What it may mean that a server refuses, without a reason, a login that worked before. */
const inDoubt = ({ error }: Facts): string =>
  `another program may be using the maildrop, or ${isTokenRefusal(error.cause) ? "the access was withdrawn" : "the password was changed"}`;

const OUTDATED = "which somebody on the way can break, and read password and mail: tell who runs it;";
const ALLOW = "if you take that risk, the account's 'tls' field or its URL allows it: ?";

const unreachable: Row = row(
  "unreachable",
  "unavailable",
  (f) => `${f.server} cannot be reached (${f.detail || "no reason given"})`,
);
const turnedAway: Row = row(
  "server-busy",
  "busy",
  (f) => `${f.host} takes no connection now; try again later${f.said}`,
);
const refused: Row = row("command-refused", "unavailable", (f) => `${f.host} refused a command${f.said}`);
const brokenOff: Row = row(
  "connection-closed",
  "unavailable",
  (f) => `${f.host} closed the connection${f.said}`,
);
const nonsense: Row = row(
  "protocol-error",
  "unavailable",
  (f) => `${f.host} does not answer as a POP3 server must: ${oneLine(f.error.message)}`,
);
const asItSays = (code: string, kind: FailureKind): Row => row(code, kind, (f) => oneLine(f.error.message));

/** From an error's `code` to how it ends. */
const TABLE: Readonly<Record<string, Row>> = {
  POP3_ABORTED: row("interrupted", "interrupted", () => "interrupted"),
  POP3_COMMAND_REFUSED: (f) => (BUSY[f.detail] ?? refused)(f),
  POP3_CONNECT_FAILED: (f) => (CONNECT[f.detail] ?? unreachable)(f),
  POP3_CONNECTION_CLOSED: (f) => (BUSY[f.detail] ?? brokenOff)(f),
  POP3_GREETING_REFUSED: (f) => (BUSY[f.detail] ?? turnedAway)(f),
  POP3_INVALID_ARGUMENT: asItSays("invalid-argument", "config"),
  POP3_LIMIT_EXCEEDED: nonsense,
  POP3_LOGIN_REFUSED: (f) => (BUSY[f.detail] ?? row("login-refused", "denied", loginRefused))(f),
  POP3_MALFORMED_REPLY: nonsense,
  POP3_NOT_POP3: row(
    "not-pop3",
    "unavailable",
    (f) => `what answers at ${f.server} is no POP3 server, or wants TLS from the start (then write pop3s://)`,
  ),
  POP3_NO_MECHANISM: row("no-mechanism", "denied", noMechanism),
  POP3_OUT_OF_STEP: nonsense,
  POP3_PROTOCOL_ERROR: nonsense,
  POP3_SASL_FAILED: row(
    "login-failed",
    "denied",
    (f) => `the login at ${f.host} broke off: the server did not do its part`,
  ),
  POP3_SESSION_CLOSED: brokenOff,
  POP3_STLS_INJECTION: row(
    "stls-injection",
    "denied",
    (f) => `somebody between here and ${f.host} slips replies in before TLS begins; nothing was sent`,
  ),
  POP3_STLS_NOT_OFFERED: row(
    "stls-absent",
    "denied",
    (f) =>
      `${f.server} does not offer STLS: write pop3s:// if it has a TLS port, or add ?tls=none to send the password unprotected`,
  ),
  POP3_TIMEOUT: row("timeout", "unavailable", (f) =>
    ["rate", "listing"].includes(text(f.error, "phase"))
      ? `${f.server} sends too slowly: ${oneLine(f.error.message)}`
      : `${f.server} did not answer in time`,
  ),
  POP3_TLS_EXPECTED: row(
    "tls-expected",
    "unavailable",
    (f) => `${f.server} does not greet, but speaks TLS from the first octet: write pop3s:// (with this port)`,
  ),
  POP3_TLS_FAILED: row("tls-failed", "unavailable", (f) => {
    const code = f.detail && ` (${f.detail})`;
    switch (text(f.error, "problem")) {
      case "version":
        return `no TLS with ${f.server}: it speaks ${text(f.error, "spoken") || "TLS 1.1"} at most, ${OUTDATED} ${ALLOW}minVersion=TLSv1${code}`;
      case "ciphers":
        return `no TLS with ${f.server}: it has only ciphers or keys that are too weak, ${OUTDATED} ${ALLOW}ciphers=DEFAULT@SECLEVEL=0${code}`;
      default:
        return `no TLS with ${f.server}: if it speaks plain POP3 there, write pop3:// (STLS)${code}`;
    }
  }),
  POP3_TLS_UNTRUSTED: row("certificate-untrusted", "denied", (f) => {
    const { what, advice } = certificateFault(doubtedCertificate(f.error, f.detail));
    return `the certificate of ${f.host} ${what}: ${advice}`;
  }),

  "login-in-doubt": row(
    "login-in-doubt",
    "busy",
    (f) =>
      `${f.host} refuses a login that worked before and does not say why: ${inDoubt(f)}; try again later${f.said}`,
  ),
  "login-given-up": row(
    "login-refused",
    "denied",
    (f) =>
      `${f.host} still refuses a login that worked before and does not say why: ${inDoubt(f)}; see which it is${f.said}`,
  ),

  "cannot-write": asItSays("cannot-write", "unwritable"),
  "criteria-syntax": row(
    "criteria-syntax",
    "usage",
    (f) => `the query cannot be read: ${oneLine(f.error.message)}`,
  ),
  "content-refused": asItSays("content-refused", "unavailable"),
  "database-tls": asItSays("database-tls", "config"),
  "database-url": asItSays("database-url", "usage"),
  "guard-failed": row("guard-failed", "busy", () => "another run changed this maildrop meanwhile; try again"),
  argument: asItSays("argument", "usage"),
  "message-damaged": asItSays("message-damaged", "unavailable"),
  "maildrop-name": asItSays("maildrop-name", "usage"),
  "sqlite-driver": asItSays("sqlite-driver", "config"),
  "sqlite-shared": asItSays("sqlite-shared", "config"),
  "store-busy": asItSays("store-busy", "busy"),
  "store-failed": asItSays("store-failed", "unavailable"),
  "store-missing": asItSays("store-missing", "config"),
  "store-newer": asItSays("store-newer", "config"),
  "store-outdated": asItSays("store-outdated", "config"),
  "store-refused": asItSays("store-refused", "denied"),
  "store-unavailable": asItSays("store-unavailable", "unavailable"),
  "store-untrusted": asItSays("store-untrusted", "denied"),
  "transaction-conflict": row("database-busy", "busy", () => "the database is busy with others; try again"),
};

/**
 * Puts an error in words and says of which kind it is: the one table of all errors. Never repeats a secret, and never
 * more than one line of what an error says.
 */
export function failureOf(thrown: unknown, server?: FailedServer): Failure {
  const error = thrown instanceof Error ? thrown : new Error("something that is no error was thrown");
  if (error instanceof FailureError) {
    // Our own sentence, which is longer where it names two maildrops.
    return { code: error.code, message: oneLine(error.message, 1000), kind: error.kind };
  }
  // The proxy's failure says more than that no connection was made.
  if (error.cause instanceof FailureError && text(error, "code") === "POP3_CONNECT_FAILED") {
    return failureOf(error.cause);
  }
  const code = text(error, "code");
  const known = TABLE[code] ?? (error.name === "AbortError" ? TABLE["POP3_ABORTED"] : undefined);
  if (known !== undefined) return known(factsOf(error, server));
  if (error instanceof ServerError) return { code, message: oneLine(error.message), kind: "unavailable" };
  return { code: "internal", message: `internal error: ${oneLine(error.message)}`, kind: "internal" };
}

function factsOf(error: Error, server: FailedServer | undefined): Facts {
  const said = oneLine(text(error, "statusText"));
  const host = server === undefined ? "the server" : hostLiteral(server.host);
  return {
    server: server === undefined ? host : `${host} port ${server.port}`,
    host,
    error,
    detail:
      text(error, "responseCode") ||
      text(error, "systemCode") ||
      text(error, "tlsCode") ||
      text(error.cause, "code"),
    said: said === "" ? "" : ` (it says: ${said})`,
    plaintext: server?.tls === "none",
    passwordAdvice: server?.passwordAdvice ?? "check user and password",
  };
}
