import { describe, expect, it } from "vitest";
import { AccountUrlError, accountOf, maildropName, parseAccountUrl } from "../../src/account/account-url.ts";

describe("an account's URL", () => {
  it.each([
    ["pop3s://joe@mail.example.org", "joe", "mail.example.org", 995, "implicit", "joe@mail.example.org"],
    ["POP3S://joe@MAIL.Example.ORG/", "joe", "mail.example.org", 995, "implicit", "joe@mail.example.org"],
    ["pop3://joe@mail.example.org", "joe", "mail.example.org", 110, "stls", "joe@mail.example.org"],
    ["pop3://joe@mail.example.org?tls=none", "joe", "mail.example.org", 110, "none", "joe@mail.example.org"],
    [
      "pop3://joe@mail.example.org:2110/?tls=none",
      "joe",
      "mail.example.org",
      2110,
      "none",
      "joe@mail.example.org:2110",
    ],
    [
      "pop3s://joe@example.com@mail.example.org",
      "joe@example.com",
      "mail.example.org",
      995,
      "implicit",
      "joe@example.com@mail.example.org",
    ],
    [
      "pop3s://joe%40example.com@mail.example.org",
      "joe@example.com",
      "mail.example.org",
      995,
      "implicit",
      "joe@example.com@mail.example.org",
    ],
    [
      "pop3s://j%C3%B6e%3A%2F@mail.example.org",
      "jöe:/",
      "mail.example.org",
      995,
      "implicit",
      "jöe:/@mail.example.org",
    ],
    [
      "pop3s://Joe+tag@mail.example.org",
      "Joe+tag",
      "mail.example.org",
      995,
      "implicit",
      "Joe+tag@mail.example.org",
    ],
    [
      "pop3s://joe@BÜCHER.example",
      "joe",
      "xn--bcher-kva.example",
      995,
      "implicit",
      "joe@xn--bcher-kva.example",
    ],
    ["pop3s://joe@mail.example.org.", "joe", "mail.example.org", 995, "implicit", "joe@mail.example.org"],
    ["pop3s://joe@127.0.0.1:995", "joe", "127.0.0.1", 995, "implicit", "joe@127.0.0.1"],
    ["pop3s://joe@[2001:DB8::1]", "joe", "2001:db8::1", 995, "implicit", "joe@[2001:db8::1]"],
    ["pop3s://joe@[2001:db8:0:0:0:0:0:1]", "joe", "2001:db8::1", 995, "implicit", "joe@[2001:db8::1]"],
    ["pop3s://joe@[fe80::1%25eth0]", "joe", "fe80::1%eth0", 995, "implicit", "joe@[fe80::1%eth0]"],
    ["pop3s://joe@[fe80::1%eth0]", "joe", "fe80::1%eth0", 995, "implicit", "joe@[fe80::1%eth0]"],
    ["pop3://joe@[::1]:2110", "joe", "::1", 2110, "stls", "joe@[::1]:2110"],
    ["pop3://joe@host:995", "joe", "host", 995, "stls", "joe@host"],
  ])("reads %s", (url, user, host, port, tls, name) => {
    const address = parseAccountUrl(url);
    expect(address).toEqual({ user, host, port, tls });
    expect(maildropName(address)).toBe(name);
  });

  it.each([
    ["", "an account is"],
    ["mail.example.org", "an account is"],
    ["imap://joe@mail.example.org", "an account is"],
    ["pop3s:joe@mail.example.org", "an account is"],
    [" pop3s://joe@mail.example.org", "an account is"],
    ["pop3s://mail.example.org", "no user"],
    ["pop3s://@mail.example.org", "no user"],
    ["pop3s://", "no user"],
    ["pop3s://joe@", "no host"],
    ["pop3s://joe@:995", "no host"],
    ["pop3s://joe@mail.example.org:", "port"],
    ["pop3s://joe@mail.example.org:0", "port"],
    ["pop3s://joe@mail.example.org:65536", "port"],
    ["pop3s://joe@mail.example.org:99:5", "port"],
    ["pop3s://joe@2001:db8::1", "port"],
    ["pop3s://joe@[::1", "IPv6"],
    ["pop3s://joe@::1", "brackets, and the port"],
    ["pop3s://joe@[::1%]", "IPv6"],
    ["pop3s://joe@[::1%a b]", "IPv6"],
    ["pop3s://joe@[mail]", "IPv6"],
    ["pop3s://joe@[::1]x", "brackets"],
    ["pop3s://joe@mail example", "no host name"],
    ["pop3s://joe@mail..example", "no host name"],
    ["pop3s://joe@ex%61mple.org", "no host name"],
    ["pop3s://joe@mail.example.org\n", "no host name"],
    ["pop3s://joe%0d%0aDELE@mail.example.org", "control character"],
    ["pop3s://joe%00@mail.example.org", "control character"],
    ["pop3s://joe%zz@mail.example.org", "percent-encoding"],
    ["pop3s://joe%ff@mail.example.org", "percent-encoding"],
    ["pop3s://jo/e@mail.example.org", "write %2F, %3F or %23"],
    ["pop3s://jo?e@mail.example.org", "write %2F, %3F or %23"],
    ["pop3s://jo#e@mail.example.org:995", "write %2F, %3F or %23"],
    ["pop3s://joe@mail.example.org/INBOX", "no path"],
    ["pop3s://joe@mail.example.org#1", "no path and no fragment"],
    ["pop3s://joe@mail.example.org?timeout=3", "only query"],
    ["pop3://joe@mail.example.org?tls=maybe", "only query"],
    ["pop3s://joe@mail.example.org?tls=none", "pop3s:// is TLS"],
  ])("refuses %j", (url, why) => {
    expect(() => parseAccountUrl(url)).toThrow(AccountUrlError);
    expect(() => parseAccountUrl(url)).toThrow(why);
  });

  it.each([
    "pop3s://joe:s3cret@mail.example.org",
    "pop3s://joe:@mail.example.org",
    "pop3s://joe@example.com:s3cret@mail.example.org",
    "pop3s://joe:s3/cret@mail.example.org",
    "pop3s://joe:s3#cret@mail.example.org",
    "pop3s://joe:s3?cret@mail.example.org",
    "pop3s://:s3cret@mail.example.org",
  ])("refuses the password in %s without repeating it, and names the ways to give it", (url) => {
    const error = caught(() => parseAccountUrl(url));
    expect(error.message).toContain("terminal");
    expect(error.message).toContain("--password-stdin");
    expect(error.message).toContain("MAILONCE_PASSWORD");
    expect(error.message).not.toMatch(/s3|cret/);
  });

  it("gives the maildrop another name where one is asked for", () => {
    expect(accountOf(parseAccountUrl("pop3s://joe@mail.example.org"), "work").maildrop).toBe("work");
  });
});

function caught(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    if (error instanceof AccountUrlError) return error;
  }
  throw new Error("not refused");
}
