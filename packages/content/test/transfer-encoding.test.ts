import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { read } from "./mail.ts";

function decoded(encoding: string, ...body: readonly string[]) {
  return read([`Content-Transfer-Encoding: ${encoding}`, "Content-Type: text/plain; charset=utf-8"], ...body);
}

describe("a text in base64", () => {
  it.each<[string, readonly string[], string]>([
    ["in lines", ["R3LDvMOf", "ZQ=="], "Grüße"],
    ["without padding", ["R3LDvMOfZQ"], "Grüße"],
    ["with too much padding", ["R3LDvMOfZQ======"], "Grüße"],
    ["several after each other, each padded", ["R3LDvMOfZQ==", "IHVuZA==", "ICA="], "Grüße und"],
    ["with padding within a line", ["R3LDvMOfZQ==IHVuZA=="], "Grüße und"],
    ["with line ends within four characters", ["R3", "LDvMO", "fZQ=="], "Grüße"],
    ["with blanks around its lines", ["  R3LDvMOf  ", "\tZQ==\t"], "Grüße"],
    ["of the URL's alphabet", ["Pj4-Pz8_"], ">>>???"],
    ["with a line of garbage", ["R3LDvMOf", "!!! garbage !!!", "ZQ=="], "Grüße"],
    ["with characters of garbage", ["R3LDv*MOfZ#Q=="], "Grüße"],
    [
      "with the footer of a mailing list",
      ["R3LDvMOfZSB1bmQ=", "________", "The list, list@example.org", "To leave it write to us."],
      "Grüße und\n________\nThe list, list@example.org\nTo leave it write to us.",
    ],
    [
      "with a long text before the footer",
      [`${"R3LDvMOf".repeat(9)}`, "-- ", "A list, to which many people belong who like to write"],
      `${"Grüß".repeat(9)}\n-- \nA list, to which many people belong who like to write`,
    ],
    ["empty", ["", ""], ""],
    ["padding alone", ["===="], ""],
  ])("%s", (_, body, text) => {
    expect(decoded("base64", ...body).text).toBe(text);
  });

  it.each<[string, readonly string[]]>([
    ["sentences", ["This was never encoded.", "It is text."]],
    ["one word", ["Hello"]],
    ["words alone on their lines", ["Thanks", "Joe"]],
    ["umlauts", ["Gr\u00c3\u00bc\u00c3\u009fe"]],
    ["an address", ["https://example.org/a/b?c=d"]],
    ["HTML", ["<p>Hello</p>"]],
  ])("that was never encoded, stays: %s", (_, body) => {
    const { text, faults } = decoded("base64", ...body);
    expect(text).toBe(Buffer.from(body.join("\n"), "latin1").toString("utf8"));
    expect(faults).toEqual([expect.stringContaining("is not")]);
  });

  it.each(["会议通知，请准时参加。谢谢！", "会議のお知らせをお送りします。", "회의 일정을 안내해 드립니다."])(
    "may be of two octets a character, none of them a NUL: %s",
    (text) => {
      const wide = Buffer.from(text, "utf16le").swap16().toString("base64");
      for (const label of ["utf-16be", '"UTF-16BE"']) {
        const header = [`Content-Type: text/plain; charset=${label}`, "Content-Transfer-Encoding: base64"];
        expect(read(header, wide)).toMatchObject({ text, faults: [] });
      }
    },
  );

  it.each(["text/plain", "text/richtext"])("that is a file called %s is no text", (type) => {
    const file = Buffer.from(Array.from({ length: 200 }, (_, at) => (at * 7) % 256));
    const header = [`Content-Type: ${type}; name=a.bin`, "Content-Transfer-Encoding: base64"];
    const { text, parts, faults } = read(header, file.toString("base64").replace(/.{76}/g, "$&\r\n"));
    expect([text, faults]).toEqual(["", []]);
    expect(parts).toMatchObject([{ octets: 200, use: "attachment" }]);
  });

  it("ends before a line that is meant for a boundary", () => {
    const { text } = decoded("base64", "aGVsbG8=", "", "--boundary-100-->");
    expect(text).toBe("hello\n--boundary-100-->");
  });

  it("of an attachment is counted when it is decoded", () => {
    const { parts } = read(
      ["Content-Type: application/pdf", "Content-Transfer-Encoding: base64"],
      "JVBERi0x",
      "a footer that is no base64, as lists add it",
      "LjQ=",
    );
    expect(parts).toMatchObject([{ octets: 8, use: "attachment", charset: null }]);
  });
});

describe("a text in quoted-printable", () => {
  it.each<[string, readonly string[], string]>([
    ["with octets of UTF-8", ["Gr=C3=BC=C3=9Fe"], "Grüße"],
    ["in lower case", ["Gr=c3=bc=c3=9fe"], "Grüße"],
    ["with soft line breaks", ["a=", "b= ", "c=\t ", "d"], "abcd"],
    ["within a character", ["Gr=C3=", "=BC=C3=9Fe"], "Grüße"],
    ["with a soft line break at its end", ["a", "b="], "a\nb"],
    ["with blanks at the ends of lines", ["a  \t", "b"], "a\nb"],
    ["with blanks that are meant", ["a=20", "b"], "a \nb"],
    ["with equals signs that are none of it", ["a=zz =3D =x = b=4"], "a=zz = =x = b=4"],
    ["with raw octets", ["Gr\u00c3\u00bc\u00c3\u009fe =E2=82=AC"], "Grüße €"],
    ["with line ends written out", ["a=0D=0Ab=0Ac"], "a\nb\nc"],
  ])("%s", (_, body, text) => {
    expect(decoded("quoted-printable", ...body).text).toBe(text);
  });
});

describe("the name of an encoding", () => {
  it.each([
    ...[
      "base64",
      "BASE64",
      ' "base64" ',
      "base64 (comment)",
      "(comment) base64",
      "base-64",
      "base 64",
      "b64",
      "base64;",
    ],
  ])("%j is base64", (name) => {
    expect(decoded(name, "R3LDvMOfZQ==").text).toBe("Grüße");
  });

  it.each([
    ...["quoted-printable", "Quoted Printable", "quotedprintable", "quoted_printable", "QP"],
    ...["(x) quoted-printable (y)", "(a (b) \\) c; d) quoted-(e)printable", "quoted-printable (no end"],
    ...["quoted-printible", "quote-printable", "quoted-prinntable"],
  ])("%j is quoted-printable", (name) => {
    expect(decoded(name, "Gr=C3=BC=C3=9Fe").text).toBe("Grüße");
  });

  it.each(["7bit", "8bit", "8-bit", "binary", "utf-8", "UTF8", "iso-8859-1", "us-ascii", "none", ""])(
    "%j changes nothing",
    (name) => {
      expect(decoded(name, "Gr\u00c3\u00bc\u00c3\u009fe =3D")).toMatchObject({
        text: "Grüße =3D",
        faults: [],
      });
    },
  );

  it("that nobody knows changes nothing, and is a fault", () => {
    const { text, faults } = decoded("x-rot13", "Hello =3D");
    expect(text).toBe("Hello =3D");
    expect(faults).toEqual([expect.stringContaining("nobody knows")]);
  });
});

describe("files within a text", () => {
  it("are taken out of it where they are uuencoded", () => {
    const { text, parts } = read("Subject: x", "before", "begin 644 cat.txt", "#0V%T", "`", "end", "after");
    expect(text).toBe("before\nafter");
    expect(parts).toMatchObject([
      { number: "1", use: "text" },
      { number: "1", use: "attachment", fileName: "cat.txt", octets: 3 },
    ]);
  });

  it("are taken out of it where they are in yEnc", () => {
    const body = [
      "before",
      "=ybegin line=128 size=3 name=a b.bin",
      "\u008b=}\u008d",
      "=yend size=3",
      "after",
    ];
    const { text, parts } = read("Subject: x", ...body);
    expect(text).toBe("before\nafter");
    expect(parts).toMatchObject([{}, { fileName: "a b.bin", octets: 3 }]);
  });

  it.each<[string, string, string, string]>([
    ["uuencoded", "begin 644 a.bin", `M${"86%A".repeat(15)}`, "end"],
    ["in yEnc", "=ybegin line=45 name=a.bin", "\u008b".repeat(45), "=yend"],
  ])("may be large: %s", (_, begin, line, end) => {
    const lines = Array.from({ length: 5000 }, () => line);
    const { text, parts } = read("Subject: x", "before", begin, ...lines, end, "after");
    expect(text).toBe("before\nafter");
    const sha256 = createHash("sha256").update("a".repeat(225_000)).digest();
    expect(parts).toMatchObject([{}, { fileName: "a.bin", octets: 225_000, sha256 }]);
  });

  it.each<[string, readonly string[]]>([
    ["their end is missing", ["begin 644 cat.txt", "#0V%T"]],
    ["a sentence begins with it", ["begin 644 times, and then go on", "with what you did", "end"]],
  ])("stay where %s", (_, body) => {
    expect(read("Subject: x", ...body)).toMatchObject({ text: body.join("\n"), parts: [{ number: "1" }] });
  });

  it("may be all of a part", () => {
    const header = [
      "Content-Type: application/octet-stream; name=cat.txt",
      "Content-Transfer-Encoding: x-uuencode",
    ];
    expect(read(header, "begin 644 cat.txt", "#0V%T", "`", "end").parts).toMatchObject([{ octets: 3 }]);
    expect(read(header, "#0V%T").faults).toEqual([expect.stringContaining("is not")]);
  });
});
