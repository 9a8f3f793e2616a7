import { describe, expect, it } from "vitest";
import { read, readOctets, utf8 } from "./mail.ts";

describe("text with format=flowed", () => {
  const flowed = (body: readonly string[], more = ""): string =>
    read(`Content-Type: text/plain; charset=utf-8; Format=Flowed${more}`, ...body.map(utf8)).text;

  it.each<[string, readonly string[], string]>([
    ["joins a paragraph", ["one ", "two ", "three", "four"], "one two three\nfour"],
    [
      "joins a quoted paragraph",
      ["> a quoted line that ", "> goes on here"],
      "> a quoted line that goes on here",
    ],
    [
      "joins quotations of each depth by itself",
      [">> deep ", ">> deep too ", "> less ", "own ", "words"],
      ">> deep deep too\n> less\nown words",
    ],
    [
      "knows quotation marks with blanks between them",
      ["> > deep ", "> > er", ">> and ", "> > on"],
      ">> deep er\n>> and on",
    ],
    ["keeps the signature's line", ["bye ", "-- ", "Joe ", "Doe"], "bye\n-- \nJoe Doe"],
    ["keeps a quoted signature's line", ["> bye ", "> -- ", "> Joe"], "> bye\n> --\n> Joe"],
    ["keeps lines that are fixed", ["  a", "", "b"], " a\n\nb"],
    [
      "takes away the blank before what might be taken for something else",
      [" > not quoted", " From here", "  two blanks"],
      "> not quoted\nFrom here\n two blanks",
    ],
    ["keeps empty lines of quotations", ["> a", ">", "> b"], "> a\n>\n> b"],
    ["ends a paragraph where the depth changes", ["> a ", "b"], "> a\nb"],
    ["joins what ends with several blanks", ["a  ", "b"], "a  b"],
    ["flows over an empty line of one blank", ["a ", " ", "b"], "a\nb"],
  ])("%s", (_, body, text) => {
    expect(flowed(body)).toBe(text);
  });

  it("with delsp=yes joins without a blank", () => {
    expect(flowed(["日本 ", "語の文 ", "章"], "; delsp=yes")).toBe("日本語の文章");
    expect(flowed(["a  ", "b"], '; DelSp="Yes"')).toBe("a b");
  });

  it("is what the header says it is: other text stays", () => {
    expect(read("Content-Type: text/plain", "> a ", "> b").text).toBe("> a \n> b");
    expect(read("Content-Type: text/plain; format=fixed", "a ", "b").text).toBe("a \nb");
  });
});

describe("text of another type", () => {
  it.each([
    "Content-Type: text",
    "Content-Type: TEXT/PLAIN",
    "Content-Type: text/",
    "Content-Type: plain",
    "Content-Type: text/markdown; variant=GFM",
    "Content-Type: text/csv; header=present",
    "Content-Type: text/vcard",
    "Content-Type: text/x-unheard-of",
    "Content-Type: text/plain charset=us-ascii",
    'Content-Type: "text/plain"',
    "Content-Type: ",
    "Content-Type: ???",
    "Content-Type: charset=utf-8",
    "X-Other: x",
    "Content-Type: message/external-body",
    "Content-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment",
  ])("%j is shown as it stands", (header) => {
    expect(read(header, "# a, b", "* c").text).toBe("# a, b\n* c");
  });

  it.each(["text/html", "application/xhtml+xml", "html", "text/htm", "text/x-amp-html"])(
    "%s is HTML",
    (type) => {
      expect(read(`Content-Type: ${type}`, "<p>a</p><p>b</p>").text).toBe("a\n\nb");
    },
  );

  it("that is called plain and is HTML, is read as HTML", () => {
    expect(
      read("Content-Type: text/plain", "", "<!DOCTYPE html>", "<html><body><p>a</p></body></html>").text,
    ).toBe("a");
    expect(read("Content-Type: text/plain", "The tag <html> begins a page.").text).toBe(
      "The tag <html> begins a page.",
    );
  });

  it("that is called HTML and has no tag, keeps its lines", () => {
    expect(read("Content-Type: text/html", "Dear Bob,", "", "1 < 2 &amp; 3").text).toBe(
      "Dear Bob,\n\n1 < 2 & 3",
    );
  });

  it.each<[string, string]>([
    ["a NUL in three octets without a type", "\n\na\0b"],
    ["a control character in a short word", "Subject: x\n\nHello\x01"],
    [
      "a NUL under a file's name",
      "Content-Type: text/plain; name=a.txt\nContent-Disposition: inline\n\nyes\0",
    ],
  ])("with few control characters is text: %s", (_, message) => {
    const { text, parts } = readOctets(message);
    expect(text).toMatch(/^(?:a.?b|Hello.?|yes.?)$/s);
    expect(parts).toMatchObject([{ use: "text" }]);
  });

  it.each(["\n\n\x01\x02", "\n\n\0\x02\x03\x04\x05abcdef"])(
    "of control characters is none: %j",
    (message) => {
      expect(readOctets(message)).toMatchObject({ text: "", parts: [{ use: "attachment" }] });
    },
  );

  it("that is no text, is an attachment", () => {
    const zip = "PK\u0003\u0004\u0000\u0000\u0000\u0000\u0008\u0000";
    expect(read("Content-Type: text/plain; name=a.zip", zip)).toMatchObject({
      text: "",
      parts: [{ use: "attachment" }],
    });
    expect(read("X-Other: x", zip)).toMatchObject({ text: "", parts: [{ use: "attachment" }] });
    expect(read("Content-Type: application/rtf", "{\\rtf1 x}")).toMatchObject({
      text: "",
      parts: [{ use: "attachment" }],
    });
  });

  it.each<[string, readonly string[], string]>([
    [
      "commands",
      ["<bold>Now</bold> is <fontfamily><param>Times</param>the</fontfamily>", "time"],
      "Now is the time",
    ],
    ["line ends", ["a", "b", "", "c", "", "", "d"], "a b\nc\n\nd"],
    ["signs", ["<<bold> 1 << 2 > 1"], "<bold> 1 < 2 > 1"],
    ["text that is not filled", ["<nofill>a", "b</nofill>", "c"], "a\nb c"],
    ["excerpts", ["<excerpt>said", "", "before</excerpt>new"], "> said\n> before\nnew"],
    ["a command that is none", ["a <3 b <not a command"], "a <3 b <not a command"],
  ])("in text/enriched: %s", (_, body, text) => {
    expect(read("Content-Type: text/enriched", ...body).text).toBe(text);
  });

  it("in text/richtext", () => {
    expect(
      read("Content-Type: text/richtext", "<bold>a</bold>", "b<nl>c <lt>d> <comment>x</comment>e").text,
    ).toBe("a b\nc <d> e");
  });
});
