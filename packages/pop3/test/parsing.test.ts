import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CommandRefusedError } from "../src/errors/refusal.ts";
import { Capabilities } from "../src/protocol/capabilities.ts";
import { command, messageCommand } from "../src/protocol/command.ts";
import { LineSplitter } from "../src/protocol/line-splitter.ts";
import {
  parseDropListing,
  parseScanLine,
  parseScanListing,
  parseUniqueIdLine,
} from "../src/protocol/listing.ts";
import {
  parseApopTimestamp,
  parseChallenge,
  parseOctetsSaid,
  parseStatus,
  withoutSecrets,
} from "../src/protocol/status.ts";
import { shownText } from "../src/protocol/text.ts";
import { cutAt } from "./transcript.ts";

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

describe("a unique-id line", () => {
  const parsed = (line: string): readonly [number, string] | null => {
    const listing = parseUniqueIdLine(latin1(line), 0, line.length);
    return listing && [listing.messageNumber, Buffer.from(listing.uniqueId).toString("latin1")];
  };

  test.each([
    ["1 abc", [1, "abc"]],
    ["1    abc", [1, "abc"]],
    ["12 a b  c ", [12, "a b  c "]],
    ["3 \xe9\xff\0", [3, "\xe9\xff\0"]],
    ["4", [4, ""]],
    ["5 ", [5, ""]],
    ["6 7", [6, "7"]],
    ["x abc", null],
    ["0 abc", null],
    ["-1 abc", null],
    ["7abc", null],
    ["", null],
    ["99999999999999999999 a", null],
  ])("%j gives %j", (line, expected) => {
    expect(parsed(line)).toEqual(expected);
  });
});

describe("a scan line", () => {
  test.each([
    ["1 100", { messageNumber: 1, octets: 100 }],
    ["2   0  more text", { messageNumber: 2, octets: 0 }],
    ["3", null],
    ["3 ", null],
    ["3 x", null],
    ["3 10x", null],
    [" 3 10", { messageNumber: 3, octets: 10 }],
    ["\t3\t10 octets", { messageNumber: 3, octets: 10 }],
    ["0 10", null],
    ["", null],
    ["5 99999999999999999999", null],
    ["99999999999999999999 5", null],
  ])("%j gives %j", (line, expected) => {
    expect(parseScanLine(latin1(line), 0, line.length)).toEqual(expected);
  });
});

describe("lines of a listing", () => {
  test("are the same over any split, and a long one comes out cut", () => {
    const listing = "1 a\r\n2 b\n\r\n3 c\r\r\n4 12345678\r\n5 123456789012345678901234567890\r\n6 x\r\n";
    const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });
    fc.assert(
      fc.property(places, (cuts) => {
        const splitter = new LineSplitter(10);
        const lines: string[] = [];
        for (const chunk of cutAt(cuts)(latin1(listing))) {
          splitter.feed(chunk);
          while (splitter.next()) {
            const text = Buffer.from(splitter.octets).toString("latin1", splitter.start, splitter.end);
            lines.push(splitter.cut ? `${text}...` : text);
          }
        }
        expect(lines).toEqual(["1 a", "2 b", "", "3 c\r", "4 12345678", "5 12345678...", "6 x"]);
      }),
    );
  });
});

describe("status lines", () => {
  test("carry the numbers of LIST n", () => {
    expect(parseScanListing("2 320")).toEqual({ messageNumber: 2, octets: 320 });
    expect(parseScanListing("2 320 octets")).toEqual({ messageNumber: 2, octets: 320 });
    expect(parseScanListing("2")).toBeNull();
    expect(parseScanListing("two 320")).toBeNull();
  });

  test.each([
    ["2 320", 2, 320],
    ["2\t320 octets", 2, 320],
    ["5 -1", 5, null],
    ["5 99999999999999999999", 5, null],
    ["5", 5, null],
    ["5 messages (500 octets)", 5, 500],
    ["maildrop has 1 message (320 bytes)", 1, 320],
    ["0 messages", 0, null],
  ])("STAT's %j is read", (text, count, octets) => {
    expect(parseDropListing(text)).toEqual({ count, octets });
  });

  test.each([
    "",
    "many",
    "-1 500",
    "99999999999999999999 1",
    "2.5 messages",
    "10.0.0.1 ready",
    "messages: some",
  ])("STAT's %j says nothing", (text) => {
    expect(parseDropListing(text)).toBeNull();
  });

  test("may announce octets", () => {
    expect(parseOctetsSaid("8809 octets follow.")).toBe(8809);
    expect(parseOctetsSaid("(120 octets)")).toBe(120);
    expect(parseOctetsSaid("Message follows")).toBeNull();
  });

  test("may hold a timestamp for APOP anywhere", () => {
    expect(parseApopTimestamp("POP3 <1896.697@dbc.mtview.ca.us> ready")).toBe("<1896.697@dbc.mtview.ca.us>");
    expect(parseApopTimestamp("ready <not a timestamp>")).toBeNull();
  });

  test("give a response code only where one stands", () => {
    expect(parseStatus(latin1("-ERR [AUTH] no"))?.responseCode).toBe("AUTH");
    expect(parseStatus(latin1("-ERR no [AUTH]"))?.responseCode).toBeNull();
    expect(parseStatus(latin1("+OK [AUTH] yes"))?.responseCode).toBeNull();
    expect(parseStatus(latin1("* OK"))).toBeNull();
  });

  test.each([
    ["+ok ready", true, "ready"],
    ["-err no", false, "no"],
    ["+Ok\t\t2 3", true, "2 3"],
    [" \t-ERR   no", false, "no"],
    ["+OK", true, ""],
    ["-ERR", false, ""],
  ])("may be written as %j", (line, ok, statusText) => {
    expect(parseStatus(latin1(line))).toMatchObject({ ok, statusText });
  });

  test.each(["", "+", "+O", "+0K", "-ER", "OK", "\x0bOK", "+OJ", " .+OK"])("never are %j", (line) => {
    expect(parseStatus(latin1(line))).toBeNull();
  });
});

describe("what a server says to people", () => {
  const gb18030 = Buffer.from("d3c3bba7c3fbbbf2c3dcc2eb", "hex");
  const eucKr = Buffer.from("b7cebed7b1d7c0ce20c0d0b4e0", "hex");

  test.each([
    ["UTF-8", Buffer.from("Postfach gesperrt für Jürgen 邮箱"), "Postfach gesperrt für Jürgen 邮箱"],
    ["ISO 8859-1", latin1("Acc\xe8s refus\xe9"), "Acc\\xe8s refus\\xe9"],
    ["GB18030", gb18030, "\\xd3\\xc3\\xbb\\xa7\\xc3\\xfb\\xbb\\xf2\\xc3\\xdc\\xc2\\xeb"],
    ["EUC-KR", eucKr, "\\xb7\\xce\\xbe\\xd7\\xb1\\xd7\\xc0\\xce \\xc0\\xd0\\xb4\\xe0"],
    ["controls", latin1("a\x1b[2Jb\x00\x7f"), "a\\x1b[2Jb\\x00\\x7f"],
    ["controls of ISO 8859-1", latin1("\x9b2J \xe9"), "\\x9b2J \\xe9"],
    ["controls of Unicode", Buffer.from("\u009b2J\u2028"), "\\xc2\\x9b2J\\xe2\\x80\\xa8"],
    ["text that turns around", Buffer.from("\u202egro.elpmaxe"), "\\xe2\\x80\\xaegro.elpmaxe"],
    ["a cut UTF-8 character", latin1("ok \xc3"), "ok \\xc3"],
    ["tabs", latin1("a\tb"), "a\tb"],
  ])("is text that may be shown: %s", (_, octets, text) => {
    const status = parseStatus(Buffer.concat([latin1("-ERR "), octets]));
    expect(status?.statusText).toBe(text);
    expect(Buffer.from(status?.statusOctets ?? [])).toEqual(Buffer.from(octets));
    expect(shownText(octets)).toBe(text);
  });
});

describe("a refusal", () => {
  const advice = (text: string): string => {
    const status = parseStatus(latin1(text));
    if (status === null) throw new Error("no status");
    return new CommandRefusedError("PASS", status).advice;
  };

  test("tells later from stop by its code alone", () => {
    expect(advice("-ERR [IN-USE] locked")).toBe("later");
    expect(advice("-ERR [LOGIN-DELAY] wait")).toBe("later");
    expect(advice("-ERR [SYS/TEMP] wait")).toBe("later");
    expect(advice("-ERR [AUTH] wrong")).toBe("stop");
    expect(advice("-ERR [SYS/PERM] gone")).toBe("stop");
    expect(advice("-ERR mailbox locked, wait")).toBe("unknown");
  });

  test("brings no control characters of the server to a terminal", () => {
    const error = new CommandRefusedError("RETR", { statusText: "a\x1b[2Jb", responseCode: null });
    expect(error.message).toBe("RETR was refused: -ERR a?[2Jb");
    expect(error.statusText).toBe("a\x1b[2Jb");
  });
});

describe("capabilities", () => {
  test("on several lines are one list", () => {
    const many = new Capabilities(
      latin1(" SASL\tPLAIN\r\n\r\nTOP\nsasl LOGIN PLAIN\r\nIMPLEMENTATION \xe9\r\n"),
    );
    expect(many.args("SASL")).toEqual(["PLAIN", "LOGIN"]);
    expect(many.tags).toEqual(["SASL", "TOP", "IMPLEMENTATION"]);
    expect(many.implementation).toBe("\\xe9");
  });

  const capabilities = new Capabilities(
    latin1("sasl PLAIN CRAM-MD5\r\nLOGIN-DELAY 10 USER\r\nUTF8 USER\r\n\r\nEXPIRENEVER\r\n"),
  );

  test("are found in any case, with their arguments", () => {
    expect(capabilities.has("SASL")).toBe(true);
    expect(capabilities.has("utf8")).toBe(true);
    expect(capabilities.has("STLS")).toBe(false);
    expect(capabilities.args("SASL")).toEqual(["PLAIN", "CRAM-MD5"]);
    expect(capabilities.args("STLS")).toEqual([]);
    expect(capabilities.tags).toEqual(["SASL", "LOGIN-DELAY", "UTF8", "EXPIRENEVER"]);
  });

  test("tell the delay between logins", () => {
    expect(capabilities.loginDelaySeconds).toBe(10);
    expect(new Capabilities(latin1("LOGIN-DELAY soon\r\n")).loginDelaySeconds).toBeNull();
  });
});

describe("arguments", () => {
  test.each(["a\rb", "a\nb", "a\0b", "", "a\r\nDELE 1"])("%j is not sent", (argument) => {
    expect(() => command("USER", argument)).toThrow(
      expect.objectContaining({ code: "POP3_INVALID_ARGUMENT" }),
    );
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])(
    "%j is no message number",
    (number) => {
      expect(() => messageCommand("RETR", number)).toThrow(expect.objectContaining({ sessionUsable: true }));
    },
  );

  test("that come as text from untyped callers are no message numbers", () => {
    expect(() => messageCommand("RETR", "1\r\nDELE 1" as unknown as number)).toThrow();
    expect(() => messageCommand("TOP", 1, -1)).toThrow();
  });
});

describe("a status that repeats a secret", () => {
  const said = (statusText: string, responseCode: string | null = null) => ({
    ok: false,
    statusText,
    statusOctets: Buffer.from(statusText),
    responseCode,
  });

  test("comes without it, the longest first", () => {
    expect(withoutSecrets(said("no pass for password, word"), ["pass", "", "password"])).toEqual(
      said("no **** for ****, word"),
    );
  });

  test("keeps its response code, unless that is no code but the secret", () => {
    expect(withoutSecrets(said("[AUTH] no", "AUTH"), ["AUTH"])).toEqual(said("[****] no", "AUTH"));
    expect(withoutSecrets(said("[hunter2] no", "HUNTER2"), ["hunter2"])).toEqual(said("[****] no", "****"));
    expect(withoutSecrets(said("[X] no", "X"), ["hunter2"])).toEqual(said("[X] no", "X"));
  });

  test("comes without it where its octets had to be escaped", () => {
    const line = Buffer.concat([latin1("-ERR \xff "), Buffer.from("pässwörd"), latin1(" is wrong")]);
    const status = parseStatus(line);
    if (status === null) throw new Error("no status");
    expect(status.statusText).toBe("\\xff p\\xc3\\xa4ssw\\xc3\\xb6rd is wrong");
    const masked = withoutSecrets(status, ["pässwörd"]);
    expect(masked.statusText).toBe("\\xff **** is wrong");
    expect(Buffer.from(masked.statusOctets).toString()).toBe("\\xff **** is wrong");
  });
});

test.each([
  ["+", ""],
  ["+ ", ""],
  ["+ cj14 ", "cj14"],
  ["+OK", null],
  ["+cj14", null],
])("%j holds the challenge %j", (line, base64) => {
  expect(parseChallenge(line)).toBe(base64);
});
