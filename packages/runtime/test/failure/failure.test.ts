import {
  GuardFailedError,
  MailonceError,
  ServerError,
  StoreUnavailableError,
  SuspectReplyError,
} from "@mailonce/core";
import * as pop3 from "@mailonce/pop3";
import { DatabaseUrlError } from "@mailonce/typeorm";
import { expect, it } from "vitest";
import { AccountUrlError } from "../../src/account/account-url.ts";
import { failureOf } from "../../src/failure/failure.ts";
import { type Ending, worstEnding } from "../../src/failure/failure-kind.ts";
import { type LoginDoubt, LoginDoubtError } from "../../src/login/login-doubt.ts";
import { accountFailure } from "../../src/run/account-failure.ts";

const server = { host: "mail.example.org", port: 995 };
const because = (code: string): Error => Object.assign(new Error("secret detail"), { code });
const inDoubt = (doubt: LoginDoubt): Error =>
  new LoginDoubtError(doubt, "locked", new pop3.LoginRefusedError("PASS", said(null, "locked")));
const said = (responseCode: string | null, statusText: string) => ({ responseCode, statusText });

it.each([
  [
    new pop3.ConnectFailedError("h", 1, because("ENOTFOUND")),
    "unknown-host",
    "unavailable",
    "no host mail.example.org",
  ],
  [new pop3.ConnectFailedError("h", 1, because("EAI_AGAIN")), "name-lookup-failed", "unavailable", "network"],
  [
    new pop3.ConnectFailedError("h", 1, because("ECONNREFUSED")),
    "connection-refused",
    "unavailable",
    "port 995 refuses",
  ],
  [new pop3.ConnectFailedError("h", 1, because("EMFILE")), "too-many-files", "unavailable", "fewer accounts"],
  [new pop3.ConnectFailedError("h", 1, because("ENETUNREACH")), "unreachable", "unavailable", "ENETUNREACH"],
  [new pop3.TimeoutError("connect", 30_000), "timeout", "unavailable", "in time"],
  [new pop3.NotPop3Error(), "not-pop3", "unavailable", "pop3s://"],
  [
    new pop3.TlsFailedError("h", because("ERR_SSL_WRONG_VERSION_NUMBER")),
    "tls-failed",
    "unavailable",
    "pop3://",
  ],
  [
    new pop3.TlsUntrustedError("h", because("SELF_SIGNED_CERT_IN_CHAIN")),
    "certificate-untrusted",
    "denied",
    "--ca FILE",
  ],
  [
    new pop3.TlsUntrustedError("h", because("CERT_HAS_EXPIRED")),
    "certificate-untrusted",
    "denied",
    "has expired",
  ],
  [
    new pop3.TlsUntrustedError("h", because("ERR_TLS_CERT_ALTNAME_INVALID")),
    "certificate-untrusted",
    "denied",
    "another host",
  ],
  [
    new pop3.TlsUntrustedError("h", because("PIN_MISMATCH")),
    "certificate-untrusted",
    "denied",
    "not the one that is pinned",
  ],
  [new pop3.StlsNotOfferedError("x"), "stls-absent", "denied", "?tls=none"],
  [new pop3.StlsInjectionError(), "stls-injection", "denied", "nothing was sent"],
  [
    new pop3.GreetingRefusedError(said(null, "too many connections")),
    "server-busy",
    "busy",
    "too many connections",
  ],
  [
    new pop3.LoginRefusedError("PASS", said(null, "no")),
    "login-refused",
    "denied",
    "check user and password",
  ],
  [new pop3.LoginRefusedError("PASS", said("AUTH", "[AUTH] no")), "login-refused", "denied", "[AUTH] no"],
  [
    new pop3.LoginRefusedError("AUTH", said("AUTH", "[AUTH] no"), { mechanism: "XOAUTH2", challenge: "{}" }),
    "login-refused",
    "denied",
    "refused the access token",
  ],
  [
    inDoubt({ refusals: 1, since: 0, isOver: false }),
    "login-in-doubt",
    "busy",
    "another program may be using",
  ],
  [inDoubt({ refusals: 13, since: 0, isOver: true }), "login-refused", "denied", "the password was changed"],
  [new pop3.LoginRefusedError("PASS", said("SYS/PERM", "[SYS/PERM] off")), "login-refused", "denied", "off"],
  [
    new pop3.LoginRefusedError("PASS", said("IN-USE", "[IN-USE] locked")),
    "in-use",
    "busy",
    "try again later",
  ],
  [
    new pop3.LoginRefusedError("PASS", said("LOGIN-DELAY", "[LOGIN-DELAY] slow")),
    "login-delay",
    "busy",
    "later",
  ],
  [
    new pop3.LoginRefusedError("PASS", said("SYS/TEMP", "[SYS/TEMP] disk")),
    "server-trouble",
    "busy",
    "later",
  ],
  [
    new pop3.CommandRefusedError("STAT", said("SYS/TEMP", "[SYS/TEMP] disk")),
    "server-trouble",
    "busy",
    "later",
  ],
  [new pop3.CommandRefusedError("STAT", said(null, "broken")), "command-refused", "unavailable", "broken"],
  [new pop3.ConnectionClosedError(null), "connection-closed", "unavailable", "closed the connection"],
  [
    new pop3.ConnectionClosedError(said(null, "Disconnected for inactivity.")),
    "connection-closed",
    "unavailable",
    "inactivity",
  ],
  [new pop3.ProtocolError("odd reply"), "protocol-error", "unavailable", "odd reply"],
  [new pop3.LimitExceededError("statusLineOctets", 8192), "protocol-error", "unavailable", "8192"],
  [new pop3.AbortedError(undefined), "interrupted", "interrupted", "interrupted"],
  [new DOMException("This operation was aborted", "AbortError"), "interrupted", "interrupted", "interrupted"],
  [new pop3.SessionClosedError(), "connection-closed", "unavailable", "closed the connection"],
  [new SuspectReplyError({ messageNumber: 7 } as never, "TOP"), "suspect-reply", "unavailable", "message 7"],
  [
    new ServerError("garbled-listing", "LIST makes no sense"),
    "garbled-listing",
    "unavailable",
    "makes no sense",
  ],
  [new GuardFailedError("x"), "guard-failed", "busy", "another run"],
  [new StoreUnavailableError("the database is read-only"), "store-unavailable", "unavailable", "read-only"],
  [new MailonceError("store-refused", "refuses the login"), "store-refused", "denied", "login"],
  [new MailonceError("store-untrusted", "shows a certificate"), "store-untrusted", "denied", "certificate"],
  [new MailonceError("store-busy", "has too many connections"), "store-busy", "busy", "too many"],
  [new MailonceError("store-missing", "has no database"), "store-missing", "config", "no database"],
  [new MailonceError("store-newer", "a later version"), "store-newer", "config", "later"],
  [new MailonceError("store-outdated", "lacks a column"), "store-outdated", "config", "lacks"],
  [new MailonceError("database-tls", "cannot be read"), "database-tls", "config", "read"],
  [new DatabaseUrlError("no"), "database-url", "usage", "no"],
  [new AccountUrlError("no user"), "account-url", "usage", "no user"],
  [new TypeError("x is not a function"), "internal", "internal", "internal error: x is not"],
  ["a string", "internal", "internal", "internal error"],
])("%s becomes %s (%s)", (error, code, kind, part) => {
  const failure = failureOf(error, server);
  expect(failure).toMatchObject({ code, kind });
  expect(failure.message).toContain(part);
  expect(failure.message).not.toContain("secret detail");
});

it.each([
  ["pop.gmail.com", "made for programs"],
  ["outlook.office365.com", "set up oauth2"],
])("says of %s which password it takes", (host, part) => {
  const error = new pop3.LoginRefusedError("PASS", said("AUTH", "[AUTH] no"));
  expect(accountFailure(error, { host, port: 995 }).message).toContain(part);
});

it("says it in one line, without what a terminal would obey", () => {
  const hostile = said(null, "\u001b[2J\u202e go away\r\n +OK");
  const { message } = failureOf(new pop3.LoginRefusedError("PASS", hostile), server);
  expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(message).toContain("go away");
});

it.each<[Ending[], Ending]>([
  [[], "done"],
  [["done", "partial", "done"], "partial"],
  [["partial", "busy"], "busy"],
  [["busy", "unavailable"], "unavailable"],
  [["unavailable", "denied", "partial"], "denied"],
  [["denied", "config"], "config"],
  [["config", "interrupted"], "interrupted"],
  [["interrupted", "internal", "done"], "internal"],
])("of %j the worst is %s", (endings, worst) => {
  expect(worstEnding(endings)).toBe(worst);
});
