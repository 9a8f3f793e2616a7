import { compileCriteria } from "@mailonce/core";
import { describe, expect, test } from "vitest";
import { header } from "./header.ts";

const block = header(
  "Subject: Your invoice",
  "From: Joe <joe@example.org>",
  "Date: Thu, 15 Jan 2026 12:00:00 +0000",
  "Received: from a",
  "Received: from b",
);

function explain(query: string) {
  const { accepted, findings } = compileCriteria(query).explain({ block, octets: 1000 });
  return { accepted, findings: findings.map(({ term, holds, found }) => [term, holds, found]) };
}

describe("why a message is wanted or not", () => {
  test("is all terms of an AND that holds, and the first that fails of one that does not", () => {
    expect(explain("subject:invoice AND octets:<5k")).toEqual({
      accepted: true,
      findings: [
        ["subject:invoice", true, "Your invoice"],
        ["octets:<=5119", true, "1000"],
      ],
    });
    expect(explain("subject:invoice AND NOT from:*@example.org AND octets:>5k")).toEqual({
      accepted: false,
      findings: [["from:*@example.org", true, "Joe <joe@example.org>"]],
    });
  });

  test("is the first term that holds of an OR, and all where none does", () => {
    expect(explain("subject:bill OR subject:invoice OR cc:*")).toEqual({
      accepted: true,
      findings: [["subject:invoice", true, "Your invoice"]],
    });
    expect(explain("subject:bill OR date:<2026 OR cc:ann OR octets:>5k")).toEqual({
      accepted: false,
      findings: [
        ["subject:bill", false, "Your invoice"],
        ["date:<=2025-12-31T23:59:59.999Z", false, "2026-01-15T12:00:00.000Z"],
        ["cc:ann", false, null],
        ["octets:>=5121", false, "1000"],
      ],
    });
  });

  test("names the field that matches where there are several of a name", () => {
    expect(explain("header.received:b").findings).toEqual([["header.received:b", true, "from b"]]);
    expect(explain("header.received:c").findings).toEqual([["header.received:c", false, "from a"]]);
  });
});
