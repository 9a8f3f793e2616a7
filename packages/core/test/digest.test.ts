import { createHash } from "node:crypto";
import { digestMessage, headerEvidence, MAX_HEADER_OCTETS, MessageDigester } from "@mailonce/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const plain = "Received: x\r\nSubject: s\r\n\r\nbody\r\n";
const marked =
  "Status: RO\r\nReceived: x\r\nX-UIDL: abc\r\n\tfolded\r\nSubject: s\r\nX-Mozilla-Keys: \r\n\r\nbody\r\n";

function digest(...chunks: readonly (string | Uint8Array)[]) {
  const digester = new MessageDigester();
  for (const chunk of chunks)
    digester.update(typeof chunk === "string" ? Buffer.from(chunk, "latin1") : chunk);
  return digester.finish();
}

function inMemory(text: string) {
  const digests = digestMessage(Buffer.from(text, "latin1"));
  return { ...digests, header: Uint8Array.from(digests.header) };
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString("hex");
}

function sha256(text: string): string {
  return createHash("sha256").update(text, "latin1").digest("hex");
}

describe("a message's digests", () => {
  test("are the same whether or not somebody wrote volatile fields into it", () => {
    expect(hex(digest(marked).digest)).toBe(hex(digest(plain).digest));
    expect(hex(digest(marked).headerDigest)).toBe(hex(digest(plain).headerDigest));
    expect(digest(marked).octets - digest(marked).volatileOctets).toBe(plain.length);
  });

  test("keep the octets as they arrived apart from that", () => {
    expect(hex(digest(marked).sha256)).toBe(sha256(marked));
    expect(hex(digest(plain).sha256)).toBe(sha256(plain));
    expect(hex(digest(plain).digest)).toBe(sha256(plain));
  });

  test("see what TOP n 0 shows", () => {
    const { headerDigest, volatileOctets, strong } = digest(marked);
    const byTop = headerEvidence(Buffer.from(marked.slice(0, marked.indexOf("body"))));
    expect(hex(byTop.headerDigest)).toBe(hex(headerDigest));
    expect(byTop).toMatchObject({ volatileOctets, strong });
  });

  test("take a line of the body that looks like a volatile field for what it is", () => {
    expect(digest(`${plain}Status: RO\r\n`).volatileOctets).toBe(0);
    expect(hex(digest(`${plain}Status: RO\r\n`).digest)).not.toBe(hex(digest(plain).digest));
  });

  test("tell a header that belongs to one delivery from one that does not", () => {
    expect(digest(plain).strong).toBe(true);
    expect(digest("Subject: Received: x\r\nX-Received: y\r\n\r\n").strong).toBe(false);
    expect(digest("rEcEiVeD : x\r\n\r\n").strong).toBe(true);
  });

  test.each([
    ["", 0],
    ["no line end", 11],
    ["Subject: x\r\n", 12],
    ["\r\nbody", 2],
    ["\nbody", 1],
    ["Subject: x\n\nbody", 12],
    ["Subject: x\n\r\nbody", 13],
    ["Subject: x\r\n \r\nbody", 19],
  ])("find the end of the header block of %j", (text, end) => {
    expect(digest(text).header.length).toBe(end);
  });

  test("end a header block that never ends", () => {
    const line = `X: ${"y".repeat(1019)}\r\n`;
    const endless = Buffer.from(line.repeat(2 * 1024));
    const { header, headerDigest, octets } = digest(endless);
    expect(header.length).toBe(MAX_HEADER_OCTETS);
    expect(octets).toBe(endless.length);
    expect(hex(headerEvidence(endless).headerDigest)).toBe(hex(headerDigest));
    expect(hex(digestMessage(endless).headerDigest)).toBe(hex(headerDigest));
  });

  test("do not depend on how the octets arrive", () => {
    const piece = fc.constantFrom(
      "Status: x",
      "Received: r",
      "X-UID: 1",
      " fold",
      "\r\n",
      "\n",
      "\r\n\r\n",
      "a",
      ": ",
      "\t",
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }),
        fc.array(fc.nat(200), { maxLength: 8 }),
        (pieces, cuts) => {
          const text = pieces.join("");
          const places = [
            0,
            ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b),
            text.length,
          ];
          const chunks = places.slice(1).map((end, n) => text.slice(places[n], end));
          expect(digest(...chunks)).toEqual(digest(text));
          expect(digest(...text)).toEqual(digest(text));
          expect(inMemory(text)).toEqual(digest(text));
        },
      ),
    );
  });
});
