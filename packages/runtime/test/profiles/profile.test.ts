import { expect, it } from "vitest";
import { accountOf, parseAccountUrl } from "../../src/account/account-url.ts";
import { bareAccount } from "../../src/config/defaults.ts";
import { guessProfile, profileOf, profileOptions } from "../../src/profiles/profile.ts";
import { profileAdvice } from "../../src/profiles/profile-advice.ts";

const settings = (url: string) => bareAccount(accountOf(parseAccountUrl(url)));
const codes = (given: Parameters<typeof profileAdvice>[0]): string[] =>
  profileAdvice(given).map(({ code }) => code);

it.each([
  ["pop.gmail.com", "gmail"],
  ["POP.GMAIL.COM.", "gmail"],
  ["outlook.office365.com", "microsoft365"],
  ["pop.mail.yahoo.com", "yahoo"],
  ["pop.mail.yahoo.co.jp", "yahoo"],
  ["pop.gmx.net", "gmx"],
  ["pop3.web.de", "gmx"],
  ["pro1.mail.ovh.net", "ovh"],
  ["ssl0.ovh.net", "ovh"],
  ["mail.example.org", "generic"],
  ["pop.gmail.com.example.org", "generic"],
  ["evilpop.gmail.com", "generic"],
  ["mail.ovh.net", "generic"],
])("the server %s is one of %s", (host, profile) => {
  expect(guessProfile(host)).toBe(profile);
  expect(settings(`pop3s://joe@${host}`).profile).toBe(profile);
});

it("tells Gmail's habit, but not in its recent mode", () => {
  expect(profileOptions(settings("pop3s://joe@gmail.com@pop.gmail.com"))).toMatchObject({
    retrievalHides: true,
    initialResponse: true,
  });
  const recent = settings("pop3s://recent%3Ajoe@gmail.com@pop.gmail.com");
  expect(profileOptions(recent)).toMatchObject({ retrievalHides: false });
  expect(codes(recent)).toEqual(["pop3-off", "password-for-programs", "gmail-recent"]);
});

it("leaves what the ledger remembers of other servers as it is", () => {
  expect(profileOptions(settings("pop3s://joe@mail.example.org"))).toEqual({
    keepAliveMs: 30_000,
    initialResponse: true,
  });
});

it("logs in at Microsoft 365 in two steps, and asks for something within 60 seconds", () => {
  const options = profileOptions(settings("pop3s://joe@example.org@outlook.office365.com"));
  expect(options.initialResponse).toBe(false);
  expect(options.keepAliveMs).toBeLessThan(30_000);
});

it("says what concerns the account, and nothing else", () => {
  expect(codes(settings("pop3s://joe@mail.example.org"))).toEqual([]);
  const gmail = settings("pop3s://joe@gmail.com@pop.gmail.com");
  expect(codes(gmail)).toEqual(["pop3-off", "password-for-programs", "gmail-window", "gmail-keeps"]);
  expect(codes({ ...gmail, where: "subject:invoice" })).toContain("gmail-skipped");
  expect(codes(settings("pop3s://joe@outlook.office365.com"))).toEqual(["pop3-off", "oauth2-only"]);
  const ovh = settings("pop3s://joe@ssl0.ovh.net");
  expect(codes({ ...ovh, schedule: { kind: "interval", ms: 30_000 } })).toEqual([
    "login-interval",
    "login-pause",
  ]);
  expect(codes({ ...ovh, schedule: { kind: "interval", ms: 300_000 } })).toEqual(["login-pause"]);
  expect(codes({ ...ovh, profile: "generic" })).toEqual([]);
});

it("has words for each, without a placeholder left", () => {
  for (const name of ["generic", "gmail", "microsoft365", "yahoo", "gmx", "ovh"] as const) {
    expect(profileOf(name).name).toBe(name);
    for (const { message } of profileAdvice({ ...settings("pop3s://joe@h"), profile: name })) {
      expect(message).not.toMatch(/undefined|null|NaN/);
    }
  }
});
