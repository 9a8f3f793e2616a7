import { describe, expect, it } from "vitest";
import type { ContentAddress } from "../src/index.ts";
import { read, readOctets, utf8 } from "./mail.ts";

/** The addresses of a field To, each as `name <address>`; a name alone has no brackets. */
function addresses(field: string): readonly string[] {
  return read(`To: ${field}`, "x").addresses.map(shown);
}

function shown({ name, address, group }: ContentAddress): string {
  const written = [name, address === null ? null : `<${address}>`].filter((one) => one !== null).join(" ");
  return group === null ? written : `${group}: ${written}`;
}

describe("the addresses of a field", () => {
  it.each<[string, string, ...string[]]>([
    ["one alone", "joe@example.org", "<joe@example.org>"],
    ["one in brackets", "<joe@example.org>", "<joe@example.org>"],
    ["a name", "Joe Doe <joe@example.org>", "Joe Doe <joe@example.org>"],
    ["a name in quotation marks", '"Doe, Joe" <joe@example.org>', "Doe, Joe <joe@example.org>"],
    ["escaped signs", '"Joe \\"the \\\\ boss\\"" <j@x.org>', 'Joe "the \\ boss" <j@x.org>'],
    ["several", "a@x.org, B <b@x.org>,c@x.org", "<a@x.org>", "B <b@x.org>", "<c@x.org>"],
    ["commas that part nothing", ", a@x.org,, b@x.org,", "<a@x.org>", "<b@x.org>"],
    ["a comment for a name", "joe@x.org (Joe Doe)", "Joe Doe <joe@x.org>"],
    ["a comment in a name", "Joe Doe (Sales) <joe@x.org>", "Joe Doe (Sales) <joe@x.org>"],
    ["a comment after it", "Joe <joe@x.org> (at work)", "Joe (at work) <joe@x.org>"],
    ["comments in each other", "joe@x.org (a (b) \\) c)", "a (b) ) c <joe@x.org>"],
    ["an encoded name", "=?utf-8?q?J=C3=BCrgen?= <j@x.org>", "Jürgen <j@x.org>"],
    ["encoded words side by side", "=?utf-8?q?J=C3?= =?utf-8?q?=BCrgen?= <j@x.org>", "Jürgen <j@x.org>"],
    ["an encoded name in quotation marks", '"=?utf-8?q?J=C3=BCrgen?=" <j@x.org>', "Jürgen <j@x.org>"],
    ["an encoded comma", "=?utf-8?q?Doe=2C_J?= <j@x.org>, k@x.org", "Doe, J <j@x.org>", "<k@x.org>"],
    ["a comma in an encoded word", "=?utf-8?q?Doe,_J?= <j@x.org>", "Doe, J <j@x.org>"],
    ["blanks in an encoded word", "=?utf-8?q?Doe, J?= <j@x.org>", "Doe, J <j@x.org>"],
    ["an encoded comment", "j@x.org (=?utf-8?q?J=C3=BCrgen?=)", "Jürgen <j@x.org>"],
    ["a name encoded with its address", "=?utf-8?q?Joe_=3Cjoe=40x=2Eorg=3E?=", "Joe <joe@x.org>"],
    ["an encoded address", "Joe <=?utf-8?q?joe=40x=2Eorg?=>", "Joe <joe@x.org>"],
    ["a name of UTF-8", utf8("Jürgen Müller <j@müller.example>"), "Jürgen Müller <j@müller.example>"],
    ["a name of Latin 1", "J\xfcrgen <j@x.org>", "Jürgen <j@x.org>"],
    ["a name with dots", "John Q. Doe jr. <j@x.org>", "John Q. Doe jr. <j@x.org>"],
    ["a name with commas", "Doe, John Q., Ph.D. <j@x.org>", "Doe, John Q., Ph.D. <j@x.org>"],
    ["names with commas", "Doe, A <a@x.org>, Roe, B <b@x.org>", "Doe, A <a@x.org>", "Roe, B <b@x.org>"],
    ["a name that is an address", "joe@x.org <joe@y.org>", "joe@x.org <joe@y.org>"],
    ["a name with an at sign", "Joe @ Work <joe@x.org>", "Joe @ Work <joe@x.org>"],
    ["a name with a colon", "a@x.org: Joe <joe@x.org>", "a@x.org: Joe <joe@x.org>"],
    ["an apostrophe", "Joe O'Neill <j@x.org>", "Joe O'Neill <j@x.org>"],
    ["no blank before the bracket", "Joe<joe@x.org>", "Joe <joe@x.org>"],
    ["a name after the address", "<joe@x.org> Joe", "Joe <joe@x.org>"],
    ["a name without brackets", "Joe Doe joe@x.org", "Joe Doe <joe@x.org>"],
    ["addresses without commas", "a@x.org b@x.org", "<a@x.org>", "<b@x.org>"],
    ["brackets without commas", "A <a@x.org> B <b@x.org>", "A <a@x.org>", "B <b@x.org>"],
    ["semicolons for commas", "a@x.org; B <b@x.org>;", "<a@x.org>", "B <b@x.org>"],
    ["a bracket that is never closed", "Joe <joe@x.org, k@x.org", "Joe <joe@x.org>", "<k@x.org>"],
    ["a bracket that nothing opens", "joe@x.org>", "<joe@x.org>"],
    ["two brackets", "Joe <<joe@x.org>>", "Joe <joe@x.org>"],
    ["a quotation mark that is never closed", '"Joe <joe@x.org>', "Joe <joe@x.org>"],
    ["a comment that is never closed", "Joe (Sales <joe@x.org>", "Joe (Sales <joe@x.org>"],
    ["a group", "Team: a@x.org, B <b@x.org>; c@x.org", "Team: <a@x.org>", "Team: B <b@x.org>", "<c@x.org>"],
    ["a group that is never closed", '"The Team": a@x.org', "The Team: <a@x.org>"],
    ["a group without members", "undisclosed-recipients:;"],
    ["a group without members in brackets", "<undisclosed-recipients:;>"],
    ["a name alone", "Undisclosed recipients", "Undisclosed recipients"],
    ["nothing in brackets", "Joe <>", "Joe"],
    ["a user of the server itself", "root, MAILER-DAEMON (Mail)", "<root>", "Mail <MAILER-DAEMON>"],
    ["a route", "<@a.example,@b.example:joe@x.org>", "<joe@x.org>"],
    ["blanks in an address", "joe @ x . org", "<joe@x.org>"],
    ["blanks in brackets", "Joe < joe @ x.org >", "Joe <joe@x.org>"],
    ["a comment in an address", "joe(Joe)@x.org", "Joe <joe@x.org>"],
    ["quotation marks in an address", '"joe doe"@x.org', '<"joe doe"@x.org>'],
    ["them in brackets", '<"joe, \\"doe"@x.org>', '<"joe, \\"doe"@x.org>'],
    [
      "an address literal",
      "joe@[IPv6:2001:db8::1], k@[192.0.2.1]",
      "<joe@[IPv6:2001:db8::1]>",
      "<k@[192.0.2.1]>",
    ],
    ["what browsers write", "mailto:joe@x.org, <mailto:k@x.org>", "<joe@x.org>", "<k@x.org>"],
    ["nothing", "  "],
  ])("are read: %s", (_, field, ...expected) => {
    expect(addresses(field)).toEqual(expected);
  });

  it("are read in charsets whose octets look like commas and brackets", () => {
    const { addresses: found } = readOctets("To: \x1b$B<,8x\x1b(B <k@x.org>, l@x.org\n\nx");
    expect(found.map(({ address }) => address)).toEqual(["k@x.org", "l@x.org"]);
    expect(found[0]?.name).toBe("蒔公");
  });
});

describe("the addresses of a message", () => {
  const { addresses: all } = read(
    [
      "Cc: d@x.org",
      "To: B <B@X.org>",
      "Bcc: e@x.org",
      "Sender: s@x.org",
      "to: c@x.org",
      "Reply-To: r@x.org",
      "From: A <a@x.org>",
    ],
    "x",
  );

  it("stand in the order of their roles, those of several fields of one name after each other", () => {
    expect(all.map(({ role, address }) => `${role} ${address}`)).toEqual([
      "from a@x.org",
      "sender s@x.org",
      "reply-to r@x.org",
      "to B@X.org",
      "to c@x.org",
      "cc d@x.org",
      "bcc e@x.org",
    ]);
  });

  it("are compared in lower case", () => {
    expect(all[3]).toEqual({ role: "to", name: "B", address: "B@X.org", addressKey: "b@x.org", group: null });
    expect(read("From: Joe Doe", "x").addresses).toEqual([
      { role: "from", name: "Joe Doe", address: null, addressKey: null, group: null },
    ]);
  });

  it("are all read, however long the field is, up to the bound", () => {
    const many = Array.from({ length: 10_001 }, (_, at) => `user${at}@example.org`);
    const { addresses: found, faults } = read(`To: ${many.slice(0, 10_000).join(",\r\n ")}`, "x");
    expect([found.length, found.at(-1)?.address, faults]).toEqual([10_000, "user9999@example.org", []]);
    const more = read(`To: ${many.join(", ")}`, "x");
    expect(more.addresses).toHaveLength(10_000);
    expect(more.faults).toEqual(["there are more than 10000 addresses; the others are left out"]);
  });
});
