import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ContentLimits,
  type MessageContent,
  PartNotFoundError,
  partContent,
  partContents,
  readContent,
} from "../src/index.ts";
import { corpus } from "./corpus/corpus.ts";
import { nastyMail } from "./nasty-mail.ts";

/** The octets in pieces that end at these places. */
async function* cut(octets: Uint8Array, ends: Iterable<number>): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const end of ends) {
    yield octets.subarray(at, end);
    at = Math.max(at, end);
  }
  yield octets.subarray(at);
}

function* everyOctet(octets: Uint8Array): Generator<number> {
  for (let at = 1; at < octets.length; at++) yield at;
}

async function collected(octets: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of octets) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Bounds so small that most mail is beyond them. */
const TINY: Partial<ContentLimits> = { octets: 300, partOctets: 7, headerOctets: 250 };

const PLAIN = "Content-Type: text/plain\n\nhello\nworld";
const FILE = `Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\n${Buffer.from(
  "a file that is larger than some octets".repeat(9),
)
  .toString("base64")
  .replace(/.{76}/g, "$&\n")}`;
const multipart = (boundary: string, ...parts: readonly string[]): string =>
  `Content-Type: multipart/mixed; boundary=${boundary}\n\npreamble\n${parts.map((part) => `--${boundary}\n${part}\n`).join("")}--${boundary}--\nepilogue\n`;
const WITH_MESSAGE = multipart(
  "b",
  PLAIN,
  `Content-Type: message/rfc822\n\n${multipart("c", PLAIN, FILE)}`,
  `Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n${Buffer.from(`Subject: x\n\n${"inner\n".repeat(20)}`).toString("base64")}`,
  FILE,
);
/** So many octets stand after each header that the reader need not wait for the end of the message to go on. */
const LONG = WITH_MESSAGE.replaceAll("hello\n", `hello\n${"> a line of text\n".repeat(200)}\n\n`).replaceAll(
  "\n--",
  `\n${" ".repeat(60)}`.repeat(50).concat("\n--"),
);
const SHAPES: readonly string[] = [
  WITH_MESSAGE,
  WITH_MESSAGE.replace("boundary=b", "boundary=other"),
  WITH_MESSAGE.replace("Content-Type", "Type"),
  LONG,
  `Subject: x\n\nsee\nbegin 644 a.txt\n#86)C\n\`\nend\nand\n=ybegin line=128 size=3 name=b\n\x8b\x8c\x8d\n=yend size=3\nbye`,
  `Content-Type: application/x; name=cat\nContent-Transfer-Encoding: x-uuencode\n\nbegin 644 cat\n${"#0V%T\n".repeat(20)}\`\nend\n`,
  `Content-Type: application/x\nContent-Transfer-Encoding: quoted-printable\n\n${"a=C3=\nb  \nlonger =  \n=\n".repeat(20)}`,
  `Content-Type: application/x\nContent-Transfer-Encoding: base64\n\nnever encoded!\n`.repeat(2),
];
const MAILS: ReadonlyMap<string, Buffer> = new Map([
  ...SHAPES.map(
    (shape, at) => [`shape ${at}`, Buffer.from(shape.replaceAll("\n", "\r\n"), "latin1")] as const,
  ),
  ...Object.entries(nastyMail).map(([name, make]) => [name, Buffer.from(make(2000), "latin1")] as const),
]);

async function expectSameInPieces(
  octets: Buffer,
  ends: Iterable<number>,
  limits: Partial<ContentLimits>,
): Promise<void> {
  expect(await readContent(cut(octets, ends), limits)).toEqual(readContent(octets, limits));
}

async function expectPartsAsTold(
  octets: Buffer,
  ends: readonly number[],
  limits: Partial<ContentLimits>,
): Promise<void> {
  for (const part of readContent(octets, limits).parts) {
    for (const message of [octets, cut(octets, ends)]) {
      const read = await collected(partContent(message, part.number, part.fileIndex, limits));
      const sha256 = createHash("sha256").update(read).digest();
      expect({ ...part, octets: read.length, sha256 }).toEqual({ ...part, sha256: Buffer.from(part.sha256) });
    }
  }
  const { parts } = readContent(octets, limits);
  const pieces = parts.map((): Uint8Array[] => []);
  for await (const piece of partContents(cut(octets, ends), parts, limits))
    pieces[piece.index]?.push(piece.octets);
  const digests = pieces.map((some) => createHash("sha256").update(Buffer.concat(some)).digest());
  expect(digests).toEqual(parts.map(({ sha256 }) => Buffer.from(sha256)));
}

describe("a message that arrives in pieces is read as one that is there", () => {
  it.each([...MAILS])("octet by octet: %s", async (_, octets) => {
    await expectSameInPieces(octets, everyOctet(octets), {});
    await expectSameInPieces(octets, everyOctet(octets), TINY);
  });

  it.each(["\n", "\r\n"])("cut in two at and around each boundary, with line ends %j", async (lineEnd) => {
    const octets = Buffer.from(LONG.replaceAll("\n", lineEnd), "latin1");
    const { parts } = readContent(octets);
    expect(parts.length).toBeGreaterThan(5);
    for (let at = octets.indexOf("--"); at >= 0; at = octets.indexOf("--", at + 1))
      for (let end = at - 4; end < at + 8; end++)
        expect((await readContent(cut(octets, [end]))).parts).toEqual(parts);
  });

  it("cut anywhere: mail of all languages and shapes", async () => {
    const mails = [...MAILS.values(), ...corpus().map(({ octets }) => octets)];
    const cuts = fc.constantFrom(...mails).chain((octets) =>
      fc.record({
        octets: fc.constant(octets),
        ends: fc.array(fc.nat(octets.length), { maxLength: 20 }).map((ends) => ends.sort((a, b) => a - b)),
        limits: fc.constantFrom({}, TINY, { partOctets: 0 }, { octets: 1000 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(cuts, ({ octets, ends, limits }) => expectSameInPieces(octets, ends, limits)),
      { numRuns: 300 },
    );
  });

  it("also with the line ends of old Macintosh mail", async () => {
    const octets = Buffer.from(WITH_MESSAGE.replaceAll("\n", "\r"));
    const { parts } = readContent(octets);
    expect(parts.length).toBeGreaterThan(5);
    await expectSameInPieces(octets, everyOctet(octets), {});
  });

  it("and what its source throws is thrown", async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("Subject: x\n\n");
      throw new Error("the connection broke");
    }
    await expect(readContent(broken())).rejects.toThrow("the connection broke");
    await expect(collected(partContent(broken(), "1"))).rejects.toThrow("the connection broke");
  });
});

describe("a part is given as it was told", () => {
  it.each([...MAILS])("%s", async (_, octets) => {
    const ends = [7, 100, 101, 700, 1500].filter((end) => end < octets.length);
    const few = { parts: 20 };
    await expectPartsAsTold(octets, ends, few);
    await expectPartsAsTold(octets, ends, { ...TINY, ...few });
  });

  it("of mail of all languages", async () => {
    for (const { octets } of corpus()) await expectPartsAsTold(octets, [50, 500], {});
  });

  it("a file in a text by its place there", async () => {
    const text = SHAPES.find((shape) => shape.includes("=ybegin")) ?? "";
    const octets = Buffer.from(text, "latin1");
    expect((await collected(partContent(octets, "1", 1))).toString()).toBe("abc");
    expect((await collected(partContent(octets, "1", 2))).toString()).toBe("abc");
  });

  it("an attached message as it stands, and decoded if it is encoded", async () => {
    const octets = Buffer.from(WITH_MESSAGE);
    expect((await collected(partContent(octets, "2"))).toString()).toBe(multipart("c", PLAIN, FILE));
    expect((await collected(partContent(octets, "3"))).toString()).toMatch(/^Subject: x\n\n(inner\n){20}$/);
  });

  it("no more of the message is read than the part needs", async () => {
    let asked = 0;
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(multipart("b", PLAIN, `${PLAIN}${" ".repeat(5000)}`));
      asked++;
      yield Buffer.from("more");
    }
    expect((await collected(partContent(source(), "1"))).toString()).toBe("hello\nworld");
    expect(asked).toBe(0);
  });

  it.each([
    ["2", 0],
    ["1", 1],
    ["", 0],
  ])("or it is said that there is none: %s, file %i", async (number, fileIndex) => {
    const octets = Buffer.from(PLAIN);
    await expect(collected(partContent(octets, number, fileIndex))).rejects.toThrow(PartNotFoundError);
  });
});

describe("a part that is decoded as it comes has the octets that it has when it is decoded as a whole", () => {
  const line = fc.constantFrom(76, 72, 60, 64, 77, 3, 1000, 70_000);
  const encodings = {
    base64: (octets: Buffer, length: number): string =>
      octets.toString("base64").replace(new RegExp(`.{${length}}`, "g"), "$&\r\n"),
    "quoted-printable": (octets: Buffer, length: number): string =>
      [...octets]
        .map(
          (octet, at) =>
            `=${octet.toString(16).toUpperCase().padStart(2, "0")}${(at + 1) % length === 0 ? "=\r\n" : ""}`,
        )
        .join(""),
    binary: (octets: Buffer): string => octets.toString("latin1"),
  };

  it.each(Object.entries(encodings))("%s", async (encoding, encode) => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 3000 }),
        line,
        fc.nat(30),
        async (octets, length, times) => {
          const data = Buffer.concat(Array.from({ length: times + 1 }, () => octets)).map((octet) =>
            encoding === "binary" && octet < 32 ? 32 : octet,
          );
          const body = encode(Buffer.from(data), length);
          const message = Buffer.from(
            `Content-Type: application/x\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}`,
            "latin1",
          );
          const expected = [{ octets: data.length, sha256: createHash("sha256").update(data).digest() }];
          expect(readContent(message).parts).toMatchObject(expected);
          if (body.length > 200)
            expect(readContent(message, { partOctets: 100 }).parts).toMatchObject(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each<[string, string, string]>([
    [
      "with the footer of a mailing list",
      `${`${"QUJD".repeat(19)}\r\n`.repeat(5)}-- \r\nA list of many people\r\n`,
      "base64",
    ],
    ["padded in the middle", "QUI=\r\nQUI=\r\n".repeat(9), "base64"],
    ["of short lines", "Q\r\nU\r\nJ\r\nD\r\n".repeat(20), "base64"],
    ["never encoded", "This is, as it stands, a text.\r\n".repeat(5), "base64"],
    ["with blanks at the ends of lines", "a  \r\nb=20\r\nc=\r\n".repeat(9), "quoted-printable"],
    ["uuencoded", `begin 644 x\r\n${"#0V%T\r\n".repeat(20)}\`\r\nend\r\nand more`, "uuencode"],
    ["uuencoded and never begun", "#0V%T\r\n".repeat(20), "uuencode"],
  ])("%s", (_, body, encoding) => {
    const message = Buffer.from(
      `Content-Type: application/x\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}`,
    );
    const facts = ({ parts, faults }: MessageContent): unknown => [parts, faults];
    expect(facts(readContent(message, { partOctets: 60 }))).toEqual(facts(readContent(message)));
  });
});

describe("of a message that is too large to be kept", () => {
  const MB = 1_000_000;

  async function* largeMail(header: string, line: string, octets: number): AsyncGenerator<Uint8Array> {
    yield Buffer.from(
      `Subject: large\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\n${header}\r\n\r\n`,
    );
    const piece = Buffer.from(line.repeat(Math.ceil(65_536 / line.length)));
    for (let sent = 0; sent < octets; sent += piece.length) yield piece;
    yield Buffer.from("\r\n--b\r\nContent-Type: text/plain\r\n\r\nbye\r\n--b--\r\n");
  }

  it("the texts are read, and an attachment is digested as it comes", async () => {
    const header = "Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64";
    const line = `${"QUJD".repeat(19)}\r\n`;
    const before = process.memoryUsage();
    let most = 0;
    async function* watched(): AsyncGenerator<Uint8Array> {
      for await (const piece of largeMail(header, line, 150 * MB)) {
        const { heapUsed, external } = process.memoryUsage();
        most = Math.max(most, heapUsed + external);
        yield piece;
      }
    }
    const { text, parts, faults } = await readContent(watched());
    expect([text, faults]).toEqual(["hello\n\nbye", []]);
    const lines =
      Math.ceil((150 * MB) / (line.length * Math.ceil(65_536 / line.length))) *
      Math.ceil(65_536 / line.length);
    expect(parts[1]).toMatchObject({ fileName: "a.zip", octets: lines * 57 });
    expect(most - before.heapUsed - before.external).toBeLessThan(100 * MB);
  });

  it("a text is read as far as it is kept, and counted to its end", async () => {
    const limits = { octets: MB };
    const { text, parts, faults } = await readContent(
      largeMail("Content-Type: text/plain", "word \r\n", 3 * MB),
      limits,
    );
    expect(text.startsWith("hello\n\nword")).toBe(true);
    expect(text.length).toBeLessThan(1.1 * MB);
    expect(parts[1]?.octets).toBeGreaterThan(3 * MB);
    expect(faults).toContainEqual(expect.stringContaining("too large"));
  });

  it("the parts of a multipart that begin too late are not looked for", () => {
    const late = `Content-Type: multipart/mixed; boundary=b\n\n${"preamble\n".repeat(100)}--b\n${PLAIN}\n--b--\n`;
    const { parts, faults } = readContent(Buffer.from(late), { octets: 500 });
    expect(parts).toMatchObject([{ number: "1", mimeType: "multipart/mixed" }]);
    expect(faults).toContainEqual(expect.stringContaining("begin too late"));
    expect(readContent(Buffer.from(late)).text).toBe("hello\nworld");
  });

  it("a header is read up to the bound, and what is beyond is text", () => {
    const long = `Subject: x\n${"X: y\n".repeat(30)}\nhello`;
    const { subject, text, faults } = readContent(Buffer.from(long), { headerOctets: 100 });
    expect([subject, text.endsWith("hello")]).toEqual(["x", true]);
    expect(faults).toEqual([expect.stringContaining("a header is longer than 100 octets")]);
  });
});
