import { describe, expect, it } from "vitest";
import { type ContentPart, readContent } from "../src/index.ts";
import { readOctets } from "./mail.ts";

const numbers = (parts: readonly ContentPart[]): string =>
  parts.map(({ number, mimeType, use }) => `${number} ${mimeType} ${use}`).join(", ");

function multipart(subtype: string, ...parts: readonly string[]): string {
  return `Content-Type: multipart/${subtype}; boundary="b"\n\n${parts.map((part) => `--b\n${part}\n`).join("")}--b--\n`;
}

const PLAIN = "Content-Type: text/plain\n\nplain";
const HTML = "Content-Type: text/html\n\n<p>html</p>";
const PDF = "Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\nJVBERg==";
const IMAGE = "Content-Type: image/png\nContent-ID: <i>\nContent-Transfer-Encoding: base64\n\niVBORw==";

describe("of the parts of a message", () => {
  it.each<[string, string, string, string]>([
    [
      "all of a mixed one",
      multipart("mixed", PLAIN, HTML, PDF),
      "plain\n\nhtml",
      "1 text/plain text, 2 text/html text, 3 application/pdf attachment",
    ],
    [
      "the plain one of alternatives",
      multipart("alternative", PLAIN, HTML),
      "plain",
      "1 text/plain text, 2 text/html alternative",
    ],
    [
      "the plain one, whatever the order",
      multipart("alternative", HTML, PLAIN),
      "plain",
      "1 text/html alternative, 2 text/plain text",
    ],
    [
      "the HTML where the plain one is empty",
      multipart("alternative", "Content-Type: text/plain\n\n \n", HTML),
      "html",
      "1 text/plain alternative, 2 text/html text",
    ],
    [
      "the HTML where the plain one is of invisible characters",
      multipart("alternative", "Content-Type: text/plain; charset=utf-8\n\n\xe2\x80\x8b\xc2\xa0", HTML),
      "html",
      "1 text/plain alternative, 2 text/html text",
    ],
    [
      "no HTML for programs that run in mail",
      multipart("alternative", "Content-Type: text/x-amp-html\n\n<p>amp</p>", HTML),
      "html",
      "1 text/x-amp-html alternative, 2 text/html text",
    ],
    [
      "that one, where there is no other",
      multipart("alternative", "Content-Type: text/x-amp-html\n\n<p>amp</p>"),
      "amp",
      "1 text/x-amp-html text",
    ],
    [
      "the page of a related one",
      multipart("related", HTML, IMAGE),
      "html",
      "1 text/html text, 2 image/png attachment",
    ],
    [
      "the page that a related one starts with",
      `Content-Type: multipart/related; boundary=b; start="<h>"\n\n--b\n${IMAGE}\n--b\nContent-ID: <h>\n${HTML}\n--b--`,
      "html",
      "1 image/png attachment, 2 text/html text",
    ],
    [
      "a text that a related one hides behind a picture",
      multipart("related", IMAGE, PLAIN),
      "plain",
      "1 image/png attachment, 2 text/plain text",
    ],
    [
      "alternatives within a related and a mixed one",
      multipart(
        "mixed",
        multipart(
          "alternative",
          PLAIN,
          multipart("related", HTML, IMAGE).replaceAll('b"', 'r"').replaceAll("--b", "--r"),
        )
          .replaceAll('="b"', '="a"')
          .replaceAll("--b", "--a"),
        PDF,
      ),
      "plain",
      "1.1 text/plain text, 1.2.1 text/html alternative, 1.2.2 image/png attachment, 2 application/pdf attachment",
    ],
    [
      "what is signed",
      multipart("signed", PLAIN, "Content-Type: application/pgp-signature\n\nx"),
      "plain",
      "1 text/plain text, 2 application/pgp-signature attachment",
    ],
    [
      "a text that is attached",
      multipart(
        "mixed",
        PLAIN,
        'Content-Type: text/plain\nContent-Disposition: attachment; filename="a.txt"\n\nattached',
      ),
      "plain",
      "1 text/plain text, 2 text/plain attachment",
    ],
    [
      "a text that is inline and has a name",
      multipart(
        "mixed",
        PLAIN,
        "Content-Type: text/x-patch; name=a.patch\nContent-Disposition: inline\n\n+a",
      ),
      "plain\n\n+a",
      "1 text/plain text, 2 text/x-patch text",
    ],
    [
      "both halves of a Macintosh file",
      multipart("appledouble", "Content-Type: application/applefile\n\nx", PDF),
      "",
      "1 application/applefile attachment, 2 application/pdf attachment",
    ],
    [
      "the messages of a digest",
      multipart("digest", "\nSubject: one\n\n1", "\nSubject: two\n\n2"),
      "---------- attached message ----------\nSubject: one\n\n1\n\n---------- attached message ----------\nSubject: two\n\n2",
      "1 message/rfc822 text, 1.1 text/plain text, 2 message/rfc822 text, 2.1 text/plain text",
    ],
    [
      "a server's report and the message it is about",
      multipart(
        "report; report-type=delivery-status",
        "Content-Type: text/plain\n\nIt could not be delivered.",
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\nAction: failed\nDiagnostic-Code: smtp; 550 =?utf-8?q?unknown?=\n user",
        "Content-Type: text/rfc822-headers\n\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=",
      ),
      "It could not be delivered.\n\nReporting-MTA: dns; mx.example.org\n\nAction: failed\nDiagnostic-Code: smtp; 550 unknown user\n\nSubject: Grüße",
      "1 text/plain text, 2 message/delivery-status text, 3 text/rfc822-headers text",
    ],
    [
      "that it is encrypted",
      multipart(
        "encrypted",
        "Content-Type: application/pgp-encrypted\n\nVersion: 1",
        "Content-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----",
      ),
      "[This message is encrypted: it can be read only with the key of whom it was written to.]",
      "1 application/pgp-encrypted attachment, 2 application/octet-stream attachment",
    ],
    [
      "that Outlook alone can read it",
      multipart("mixed", PLAIN, "Content-Type: application/ms-tnef; name=winmail.dat\n\nx"),
      "plain\n\n[winmail.dat is in the format of Outlook alone (TNEF); files may be within it.]",
      "1 text/plain text, 2 application/ms-tnef attachment",
    ],
  ])("it shows %s", (_, octets, text, parts) => {
    const content = readOctets(octets);
    expect(content.text).toBe(text);
    expect(numbers(content.parts)).toBe(parts);
    expect(content.faults).toEqual([]);
  });

  it.each<[string, string, string]>([
    ["only says so", "This message is in HTML format. Your client does not support it.", "html"],
    ["says so in another language", "Ihr E-Mail-Programm kann keine HTML-Nachrichten anzeigen.", "html"],
    [
      "has an address for browsers alone",
      "View this email in your browser: https://example.org/1234",
      "html",
    ],
    [
      "speaks of HTML and says more",
      "The HTML report of today has twelve lines that differ. ".repeat(9).trim(),
      "plain",
    ],
    ["is short", "See attachment.", "plain"],
    ["has an address in it", "Your invoice: https://example.org/1234", "plain"],
  ])("a plain version beside HTML that %s", (_, plain, shown) => {
    const html = "All that is to be said in this message, at length. ".repeat(20).trim();
    const { text } = readOctets(
      multipart(
        "alternative",
        `Content-Type: text/plain\n\n${plain}`,
        `Content-Type: text/html\n\n<p>${html}`,
      ),
    );
    expect(text).toBe(shown === "html" ? html : plain);
  });

  it("shows an opaque signature and an encrypted message for what they are", () => {
    const smime = (kind: string): string =>
      readOctets(`Content-Type: application/pkcs7-mime; smime-type=${kind}; name=smime.p7m\n\nx`).text;
    expect(smime("enveloped-data")).toContain("encrypted");
    expect(smime("signed-data")).toContain("smime.p7m");
  });

  it("gives the numbers of IMAP", () => {
    const inner = multipart("mixed", PLAIN, PDF).replaceAll('"b"', '"i"').replaceAll("--b", "--i");
    const { parts } = readOctets(
      multipart(
        "mixed",
        PLAIN,
        `Content-Type: message/rfc822\n\nSubject: inner\n${inner}`,
        `Content-Type: message/rfc822\n\nSubject: x\n\ny`,
      ),
    );
    expect(parts.map(({ number }) => number)).toEqual(["1", "2", "2.1", "2.2", "3", "3.1"]);
    expect(readOctets("Subject: x\n\ny").parts.map(({ number }) => number)).toEqual(["1"]);
  });

  it("shows an attached message with its subject, and its attachments with all others", () => {
    const { text, parts } = readOctets(
      multipart(
        "mixed",
        PLAIN,
        `Content-Type: message/rfc822\nContent-Disposition: attachment; filename="old.eml"\n\nFrom: a@example.org\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nX-Other: x\n${multipart("mixed", HTML, PDF).replaceAll('"b"', '"i"').replaceAll("--b", "--i")}`,
      ),
    );
    expect(text).toBe(
      "plain\n\n---------- attached message ----------\nFrom: a@example.org\nSubject: Grüße\n\nhtml",
    );
    expect(parts.map(({ fileName, use }) => [fileName, use])).toEqual([
      [null, "text"],
      ["old.eml", "text"],
      [null, "text"],
      ["a.pdf", "attachment"],
    ]);
  });
});

describe("of a message whose parts are not as they should be", () => {
  it.each<[string, string, string, RegExp | null]>([
    [
      "no boundary occurs",
      "Content-Type: multipart/mixed; boundary=b\n\nall of\nthe text",
      "all of\nthe text",
      /cannot be told/,
    ],
    [
      "no boundary is named",
      "Content-Type: multipart/mixed\n\nall of\nthe text",
      "all of\nthe text",
      /cannot be told/,
    ],
    [
      "another boundary is named",
      `Content-Type: multipart/alternative; boundary=c\n\n--b\n${PLAIN}\n--b\n${HTML}\n--b--`,
      "plain",
      /does not name the boundary/,
    ],
    [
      "a boundary has lost its dashes",
      "Content-Type: multipart/mixed; boundary=----abc\n\n--ABC\n\nplain\n--ABC--",
      "plain",
      /does not name/,
    ],
    [
      "none is named, and parts without headers are ended by one",
      "Content-Type: multipart/mixed\n\n--x\n\nplain\n--x--",
      "plain",
      /does not name/,
    ],
    [
      "none is named, and one is evident",
      `Content-Type: multipart/mixed\n\npreamble\n--=_b\n${PLAIN}\n--=_b--`,
      "plain",
      /does not name the boundary/,
    ],
    [
      "another one is named within a good one",
      multipart("mixed", `Content-Type: multipart/mixed; boundary=wrong\n\n--c\n${PLAIN}\n--c--`, HTML),
      "plain\n\nhtml",
      /does not name/,
    ],
    [
      "the header has lost its type",
      `Subject: x\n\n--b\n${PLAIN}\n--b\n${PDF}\n--b--`,
      "plain",
      /does not name/,
    ],
    ["there is no end", `Content-Type: multipart/mixed; boundary=b\n\n--b\n${PLAIN}`, "plain", /no end/],
    [
      "blanks stand after the boundary",
      `Content-Type: multipart/mixed; boundary=b\n\n--b  \t\n${PLAIN}\n--b--  \n`,
      "plain",
      null,
    ],
    [
      "one boundary begins with another",
      `Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n${PLAIN}\n--bb--\n--b\n${HTML}\n--b--`,
      "plain\n\nhtml",
      null,
    ],
    [
      "one boundary is another with dashes",
      `Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary="b--"\n\n--b--\n${PLAIN}\n--b----\n--b\n${HTML}\n--b--`,
      "plain\n\nhtml",
      null,
    ],
    [
      "one within another has the same boundary",
      multipart("mixed", multipart("alternative", PLAIN, HTML), HTML),
      "plain\n\nhtml",
      null,
    ],
    [
      "a boundary has blanks and signs",
      `Content-Type: multipart/mixed; boundary="=_a b'()+_,-./:=?"\n\n--=_a b'()+_,-./:=?\n${PLAIN}\n--=_a b'()+_,-./:=?--`,
      "plain",
      null,
    ],
    [
      "a boundary with an equals sign is not quoted",
      `Content-Type: multipart/mixed; boundary=--=_a=1\n\n----=_a=1\n${PLAIN}\n----=_a=1--`,
      "plain",
      null,
    ],
    ["parts are empty", multipart("mixed", "", "Content-Type: text/plain\n\n", PLAIN), "plain", null],
    [
      "a part has a header alone",
      `Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n--b\n${PLAIN}\n--b--`,
      "plain",
      null,
    ],
    [
      "a part has no header",
      "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nplain\n--b--",
      "plain",
      null,
    ],
    [
      "a part's header has no end",
      "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\nplain text\n--b--",
      "plain text",
      /empty line/,
    ],
    [
      "there is a preamble alone",
      "Content-Type: multipart/mixed; boundary=b\n\nall of it\n--b--",
      "all of it\n--b--",
      /cannot be told/,
    ],
    [
      "text stands around the parts",
      `Content-Type: multipart/mixed; boundary=b\n\nThis is a multipart message.\n--b\n${PLAIN}\n--b--\nepilogue`,
      "plain",
      null,
    ],
    [
      "parts stand after the end",
      `Content-Type: multipart/mixed; boundary=b\n\n--b\n${PLAIN}\n--b--\n--b\n${HTML}\n--b--`,
      "plain\n\nhtml",
      /after the end/,
    ],
    [
      "it is encoded",
      `Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n${Buffer.from(`--b\r\n${PLAIN}\r\n--b--`).toString("base64")}`,
      "plain",
      /is encoded/,
    ],
    [
      "it only says that it is encoded",
      `Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: quoted-printable\n\n--b\n${PLAIN}\n--b--`,
      "plain",
      null,
    ],
    [
      "an attached message is encoded",
      multipart(
        "mixed",
        `Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n${Buffer.from("Subject: x\n\ninner").toString("base64")}`,
      ),
      "---------- attached message ----------\nSubject: x\n\ninner",
      /is encoded/,
    ],
    [
      "the empty line before the parts has a blank in it",
      `Content-Type: multipart/mixed; boundary="b c"\n \n--b c\n${PLAIN}\n--b c\n${HTML}\n--b c--`,
      "plain\n\nhtml",
      /empty line between header and text/,
    ],
    [
      "the empty line before the parts is missing",
      `Content-Type: multipart/alternative; boundary=b\nThis is a multi-part message.\n--b\n${PLAIN}\n--b\n${HTML}\n--b--`,
      "plain",
      /empty line between header and text/,
    ],
    ["a message is in several mails", "Content-Type: message/partial; number=2\n\nTWFu", "", null],
    [
      "the first line looks like a boundary and is a signature",
      "Content-Type: multipart/mixed\n\n-- \nJoe\n--\nx",
      "-- \nJoe\n--\nx",
      /cannot be told/,
    ],
  ])("it shows the text where %s", (_, octets, text, fault) => {
    const content = readOctets(octets);
    expect(content.text).toBe(text);
    if (fault === null) expect(content.faults).toEqual([]);
    else expect(content.faults).toContainEqual(expect.stringMatching(fault));
  });
});

describe("of a message whose header is not as it should be", () => {
  it.each<[string, string, string, readonly string[]]>([
    ["no text follows", "Subject: x\nFrom: y", "", ["Subject", "From"]],
    ["only an empty line follows", "Subject: x\n\n", "", ["Subject"]],
    ["there is none", "Dear Bob,\n\nhello", "Dear Bob,\n\nhello", []],
    ["it begins with an empty line", "\nSubject: x\n\ny", "Subject: x\n\ny", []],
    [
      "the empty line after it is missing",
      "Subject: x\nDear Bob,\nsee: this\n\nhello",
      "Dear Bob,\nsee: this\n\nhello",
      ["Subject"],
    ],
    ["HTML follows at once", "Content-Type: text/html\n<p>a</p>\n<p>b</p>", "a\n\nb", ["Content-Type"]],
    ["a line in it is none of it", "Subject: x\nnot a field\nFrom: y\n\nhello", "hello", ["Subject", "From"]],
    [
      "the line of an mbox stands before it",
      "From joe@example.org Mon May  4 10:00:00 2026\nSubject: x\n\nhello",
      "hello",
      ["Subject"],
    ],
    [
      "blanks stand before colons",
      "Subject : x\nContent-Type\t: text/html\n\n<p>hello",
      "hello",
      ["Subject", "Content-Type"],
    ],
    [
      "an address stands where the text begins",
      "Subject: x\nhttps://example.org/\n\nhello",
      "https://example.org/\n\nhello",
      ["Subject"],
    ],
    [
      "a stray line stands before base64",
      "Subject: x\nContent-Transfer-Encoding: base64\nstray\n\naGVsbG8=",
      "hello",
      ["Subject", "Content-Transfer-Encoding"],
    ],
  ])("it shows the text where %s", (_, octets, text, names) => {
    const { text: shown, headers } = readOctets(octets);
    expect(shown).toBe(text);
    expect(headers.map(({ name }) => name)).toEqual(names);
  });

  it("reads line ends of every kind", () => {
    for (const lineEnd of ["\r\n", "\n", "\r"]) {
      const octets = Buffer.from(["Subject: x", "", "a", "b"].join(lineEnd));
      expect(readContent(octets)).toMatchObject({ text: "a\nb", headers: [{ name: "Subject", value: "x" }] });
    }
  });
});
