import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS, readContent } from "../src/index.ts";
import { mail, readOctets } from "./mail.ts";
import { nastyMail } from "./nasty-mail.ts";

describe("a message beyond a bound", () => {
  it("has its deepest parts shown as they stand", () => {
    const nested = (depth: number): string =>
      depth === 0
        ? "Content-Type: text/plain\n\ninnermost"
        : `Content-Type: multipart/mixed; boundary=b${depth}\n\n--b${depth}\n${nested(depth - 1)}\n--b${depth}--\n`;
    expect(readOctets(nested(3), { nesting: 3 })).toMatchObject({ text: "innermost", faults: [] });
    const { text, faults } = readOctets(nested(4), { nesting: 3 });
    expect(text).toContain("--b1\nContent-Type: text/plain\n\ninnermost");
    expect(faults).toContainEqual(expect.stringContaining("deeper than 3"));
    expect(readOctets(nested(500)).text).toContain("innermost");
  });

  it("has its further parts left out", () => {
    const parts = Array.from({ length: 9 }, (_, at) => `--b\n\npart ${at}\n`).join("");
    const {
      text,
      parts: read,
      faults,
    } = readOctets(`Content-Type: multipart/mixed; boundary=b\n\n${parts}--b--`, { parts: 4 });
    expect(text).toBe("part 0\n\npart 1\n\npart 2");
    expect(read).toHaveLength(3);
    expect(faults).toEqual(["there are more than 4 parts; the others are left out"]);
  });

  it("has its further header fields left out, and the text after them shown", () => {
    const { headers, text, faults } = readOctets(`${"X: y\n".repeat(20)}\nhello`, { headerFields: 5 });
    expect(headers).toHaveLength(5);
    expect(text).toBe("hello");
    expect(faults).toEqual([expect.stringContaining("more than 5 header fields")]);
  });

  it("has a header field cut", () => {
    const { headers, faults } = readOctets(`Subject: ${"x".repeat(1000)}\n\nhello`, { fieldOctets: 100 });
    expect(headers[0]?.value).toBe("x".repeat(99));
    expect(faults).toEqual([expect.stringContaining("longer than 100 octets")]);
  });

  it("has its text cut", () => {
    const { text, faults } = readOctets(`Subject: x\n\n${"x".repeat(1000)}`, { textLength: 100 });
    expect(text).toBe("x".repeat(100));
    expect(faults).toEqual([expect.stringContaining("longer than 100 characters")]);
  });
});

describe("whatever is in it, a message", () => {
  it("is read: octets of all kinds", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (octets) => {
        expect(readContent(octets).text.length).toBeLessThanOrEqual(DEFAULT_LIMITS.textLength);
      }),
    );
  });

  it("is read: lines that mail has, in any order", () => {
    const line = fc.constantFrom(
      ...[
        "",
        "--b",
        "--b--",
        "--c",
        "Content-Type: multipart/mixed; boundary=b",
        "Content-Type: message/rfc822",
      ],
      ...[
        "Content-Type: multipart/alternative; boundary=c",
        "Content-Type: text/html",
        "Content-Type: text/calendar",
      ],
      ...[
        "Content-Transfer-Encoding: base64",
        "Content-Transfer-Encoding: quoted-printable",
        "Content-Disposition: attachment",
      ],
      ...[
        "<table><tr><td>a",
        "</td></table>",
        "<ul><li>",
        "</ul>",
        "<a href=https://a.example>",
        "</a>",
        "aGVsbG8=",
        "=C3=",
      ],
      ...["BEGIN:VEVENT", "END:VEVENT", "SUMMARY:x", " folded", "begin 644 x", "end", "text", "> quoted "],
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), (lines) => {
        const { text, parts } = readContent(Buffer.from(lines.join("\r\n")));
        expect(typeof text).toBe("string");
        const numbers = parts.filter(({ fileName }) => fileName !== "x").map(({ number }) => number);
        expect(new Set(numbers).size).toBe(numbers.length);
      }),
      { numRuns: 500 },
    );
  });

  it("is read: a message of each nasty shape, cut anywhere", () => {
    for (const make of Object.values(nastyMail)) {
      const octets = Buffer.from(make(2000), "latin1");
      for (let end = 0; end < octets.length; end += 97) readContent(octets.subarray(0, end));
    }
  });

  it("gives the octets that it was given back as they were", () => {
    const octets = mail("Content-Type: text/html", "<p>x");
    const copy = Buffer.from(octets);
    readContent(octets);
    expect(copy.equals(octets)).toBe(true);
  });
});
