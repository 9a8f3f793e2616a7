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
import { type ExitCode, worstExitCode } from "../../src/failure/exit-code.ts";
import { failureOf } from "../../src/failure/failure.ts";
import { type LoginDoubt, LoginDoubtError } from "../../src/login/login-doubt.ts";
import { accountFailure } from "../../src/run/account-failure.ts";

const server = { host: "mail.example.org", port: 995 };
const because = (code: string): Error => Object.assign(new Error("secret detail"), { code });
const inDoubt = (doubt: LoginDoubt): Error =>
  new LoginDoubtError(doubt, "locked", new pop3.LoginRefusedError("PASS", said(null, "locked")));
const said = (responseCode: string | null, statusText: string) => ({ responseCode, statusText });

it.each([
  [new pop3.ConnectFailedError("h", 1, because("ENOTFOUND")), "unknown-host", 69, "no host mail.example.org"],
  [new pop3.ConnectFailedError("h", 1, because("EAI_AGAIN")), "name-lookup-failed", 69, "network"],
  [
    new pop3.ConnectFailedError("h", 1, because("ECONNREFUSED")),
    "connection-refused",
    69,
    "port 995 refuses",
  ],
  [new pop3.ConnectFailedError("h", 1, because("EMFILE")), "too-many-files", 69, "fewer accounts"],
  [new pop3.ConnectFailedError("h", 1, because("ENETUNREACH")), "unreachable", 69, "ENETUNREACH"],
  [new pop3.TimeoutError("connect", 30_000), "timeout", 69, "in time"],
  [new pop3.NotPop3Error(), "not-pop3", 69, "pop3s://"],
  [new pop3.TlsFailedError("h", because("ERR_SSL_WRONG_VERSION_NUMBER")), "tls-failed", 69, "pop3://"],
  [
    new pop3.TlsUntrustedError("h", because("SELF_SIGNED_CERT_IN_CHAIN")),
    "certificate-untrusted",
    77,
    "--ca FILE",
  ],
  [new pop3.TlsUntrustedError("h", because("CERT_HAS_EXPIRED")), "certificate-untrusted", 77, "has expired"],
  [
    new pop3.TlsUntrustedError("h", because("ERR_TLS_CERT_ALTNAME_INVALID")),
    "certificate-untrusted",
    77,
    "another host",
  ],
  [
    new pop3.TlsUntrustedError("h", because("PIN_MISMATCH")),
    "certificate-untrusted",
    77,
    "not the one that is pinned",
  ],
  [new pop3.StlsNotOfferedError("x"), "stls-absent", 77, "?tls=none"],
  [new pop3.StlsInjectionError(), "stls-injection", 77, "nothing was sent"],
  [
    new pop3.GreetingRefusedError(said(null, "too many connections")),
    "server-busy",
    75,
    "too many connections",
  ],
  [new pop3.LoginRefusedError("PASS", said(null, "no")), "login-refused", 77, "check user and password"],
  [new pop3.LoginRefusedError("PASS", said("AUTH", "[AUTH] no")), "login-refused", 77, "[AUTH] no"],
  [
    new pop3.LoginRefusedError("AUTH", said("AUTH", "[AUTH] no"), { mechanism: "XOAUTH2", challenge: "{}" }),
    "login-refused",
    77,
    "refused the access token",
  ],
  [inDoubt({ refusals: 1, since: 0, isOver: false }), "login-in-doubt", 75, "another program may be using"],
  [inDoubt({ refusals: 13, since: 0, isOver: true }), "login-refused", 77, "the password was changed"],
  [new pop3.LoginRefusedError("PASS", said("SYS/PERM", "[SYS/PERM] off")), "login-refused", 77, "off"],
  [new pop3.LoginRefusedError("PASS", said("IN-USE", "[IN-USE] locked")), "in-use", 75, "try again later"],
  [new pop3.LoginRefusedError("PASS", said("LOGIN-DELAY", "[LOGIN-DELAY] slow")), "login-delay", 75, "later"],
  [new pop3.LoginRefusedError("PASS", said("SYS/TEMP", "[SYS/TEMP] disk")), "server-trouble", 75, "later"],
  [new pop3.CommandRefusedError("STAT", said("SYS/TEMP", "[SYS/TEMP] disk")), "server-trouble", 75, "later"],
  [new pop3.CommandRefusedError("STAT", said(null, "broken")), "command-refused", 69, "broken"],
  [new pop3.ConnectionClosedError(null), "connection-closed", 69, "closed the connection"],
  [
    new pop3.ConnectionClosedError(said(null, "Disconnected for inactivity.")),
    "connection-closed",
    69,
    "inactivity",
  ],
  [new pop3.ProtocolError("odd reply"), "protocol-error", 69, "odd reply"],
  [new pop3.LimitExceededError("statusLineOctets", 8192), "protocol-error", 69, "8192"],
  [new pop3.AbortedError(undefined), "interrupted", 130, "interrupted"],
  [new DOMException("This operation was aborted", "AbortError"), "interrupted", 130, "interrupted"],
  [new pop3.SessionClosedError(), "connection-closed", 69, "closed the connection"],
  [new SuspectReplyError({ messageNumber: 7 } as never), "suspect-reply", 69, "message 7"],
  [new ServerError("garbled-listing", "LIST makes no sense"), "garbled-listing", 69, "makes no sense"],
  [new GuardFailedError("x"), "guard-failed", 75, "another run"],
  [new StoreUnavailableError("the database is read-only"), "store-unavailable", 69, "read-only"],
  [new MailonceError("store-refused", "refuses the login"), "store-refused", 77, "login"],
  [new MailonceError("store-untrusted", "shows a certificate"), "store-untrusted", 77, "certificate"],
  [new MailonceError("store-busy", "has too many connections"), "store-busy", 75, "too many"],
  [new MailonceError("store-missing", "has no database"), "store-missing", 78, "no database"],
  [new MailonceError("store-newer", "a later version"), "store-newer", 78, "later"],
  [new MailonceError("store-outdated", "lacks a column"), "store-outdated", 78, "lacks"],
  [new MailonceError("database-tls", "cannot be read"), "database-tls", 78, "read"],
  [new DatabaseUrlError("no"), "database-url", 2, "no"],
  [new AccountUrlError("no user"), "account-url", 2, "no user"],
  [new TypeError("x is not a function"), "internal", 1, "internal error: x is not"],
  ["a string", "internal", 1, "internal error"],
])("%s becomes %s, exit code %i", (error, code, exitCode, part) => {
  const failure = failureOf(error, server);
  expect(failure).toMatchObject({ code, exitCode });
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

it.each<[ExitCode[], ExitCode]>([
  [[], 0],
  [[0, 65, 0], 65],
  [[65, 75], 75],
  [[75, 69], 69],
  [[69, 77, 65], 77],
  [[77, 78], 78],
  [[78, 130], 130],
  [[130, 1, 0], 1],
])("of the exit codes %j the worst is %i", (codes, worst) => {
  expect(worstExitCode(codes)).toBe(worst);
});
