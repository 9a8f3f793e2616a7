import { NoMechanismError } from "@mailonce/pop3";
import { type Pop3ServerOptions, startPop3Server } from "@mailonce/testkit";
import { describe, expect, it } from "vitest";
import { accountOf, parseAccountUrl } from "../../src/account/account-url.ts";
import { accountFailure } from "../../src/run/account-failure.ts";
import { fetchAccount } from "../../src/run/fetch-account.ts";
import { examined } from "../doctor/patient.ts";
import { ended, fetching } from "../run/odd-servers.ts";

/** What the fetch and the doctor say of a login at this server over a line without TLS. */
async function saidBy(options: Pop3ServerOptions, refusal?: { verb: "USER" | "PASS"; text: string }) {
  await using server = await startPop3Server(options);
  if (refusal !== undefined)
    server.faults = [{ at: { verb: refusal.verb }, do: "reply", text: refusal.text }];
  const url = `pop3://alice@127.0.0.1:${server.port}?tls=none`;
  const account = accountOf(parseAccountUrl(url));
  const { report } = await ended(fetchAccount(fetching(server, { account })));
  const doctor = await examined(url);
  expect([report.ending, doctor.ending]).toEqual(["denied", "denied"]);
  expect(doctor.on("login")).toContain(report.error?.message);
  return report.error?.message ?? "";
}

const DOVECOT = "-ERR [AUTH] Plaintext authentication disallowed on non-secure (SSL/TLS) connections.";

describe("a server that takes no password on a line without TLS", () => {
  it.each([
    ["offers no login before STLS", undefined],
    ["refuses USER", { verb: "USER", text: DOVECOT }],
    ["refuses USER in words of its own", { verb: "USER", text: "-ERR Bitte zuerst TLS einschalten" }],
  ] as const)("and %s: says how TLS is had", async (_, refusal) => {
    const plaintextLogin = refusal !== undefined;
    const message = await saidBy({ security: "stls", plaintextLogin }, refusal);
    expect(message).toContain("takes no login on a line without TLS, and offers STLS");
    expect(message).toContain("pop3:// without ?tls=none (STLS), or pop3s://");
    expect(message).not.toContain("check user and password");
    if (refusal !== undefined) expect(message).toContain(`it says: ${refusal.text.slice(5)}`);
  });

  it("and refuses PASS: says that it may want TLS, or that the password may be wrong", async () => {
    const message = await saidBy({ security: "stls" }, { verb: "PASS", text: DOVECOT });
    expect(message).toMatch(/offers STLS, which it may want first: .*pop3s:\/\/.*check user and password/);
    expect(message).toContain("it says: [AUTH] Plaintext authentication disallowed");
  });

  it("and does not offer STLS: says that it may want TLS", async () => {
    const message = await saidBy({}, { verb: "PASS", text: DOVECOT });
    expect(message).toMatch(/check user and password, unless .*may want: .*pop3s:\/\//);
  });
});

describe("the reason of a refusal is told in the server's words", () => {
  it.each([
    "-ERR [AUTH] Application-specific password required: https://support.google.com/accounts/answer/185833",
    "-ERR POP3 access disabled for this account",
    "-ERR [SYS/PERM] Your account is not enabled for POP access",
    "-ERR Too many failed login attempts, account locked for 15 minutes",
    "-ERR basic authentication is disabled, use OAuth",
  ])("%s", async (text) => {
    expect(await saidBy({}, { verb: "PASS", text })).toContain(`(it says: ${text.slice(5)})`);
  });
});

it("a trouble that lasts is not blamed on the password", async () => {
  const message = await saidBy({}, { verb: "PASS", text: "-ERR [SYS/PERM] mailbox disabled" });
  expect(message).toContain("tell who runs it");
  expect(message).not.toContain("check user and password");
});

it("a server that takes tokens only says so to a password", () => {
  const { message } = accountFailure(new NoMechanismError(["XOAUTH2", "OAUTHBEARER"], true), {
    host: "h",
    port: 995,
  });
  expect(message).toContain("takes access tokens only");
});

it("of a provider whose POP3 is off at first says that it must be turned on", () => {
  const refused = Object.assign(new Error("no"), { code: "POP3_LOGIN_REFUSED", statusText: "no" });
  for (const host of ["pop.gmail.com", "pop.gmx.net", "outlook.office365.com"])
    expect(accountFailure(refused, { host, port: 995 }).message).toContain("POP3 must be turned on");
});
