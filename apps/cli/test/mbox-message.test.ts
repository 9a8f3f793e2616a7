import fc from "fast-check";
import { expect, it } from "vitest";
import { mboxMessage } from "../src/commands/export/mbox-message.ts";

const MESSAGE = { date: new Date("2026-05-02T03:04:05Z"), storedAt: new Date("2026-06-01T00:00:00Z") };
const BEGINNING = "From MAILER-DAEMON Sat May  2 03:04:05 2026\n";

/** What stands in the file, by ISO 8859-1; the message comes in parts of these lengths, again and again. */
async function written(
  text: string,
  lengths: readonly number[] = [],
  message: Parameters<typeof mboxMessage>[0] = MESSAGE,
): Promise<string> {
  const octets = Buffer.from(text, "latin1");
  const parts = async function* (): AsyncGenerator<Uint8Array> {
    let turn = 0;
    for (let start = 0; start < octets.length; ) {
      const length = lengths[turn++ % lengths.length] ?? octets.length;
      yield octets.subarray(start, start + length);
      start += length;
    }
  };
  const pieces: Uint8Array[] = [];
  for await (const piece of mboxMessage(message, parts())) pieces.push(piece);
  return Buffer.concat(pieces).toString("latin1");
}

/** As a reader of mboxrd has them: the messages of a file. */
function readBack(file: string): readonly string[] {
  return file
    .split(/(?<![^\n])From [^\n]*\n/)
    .slice(1)
    .map((each) => each.replace(/\n$/, "").replace(/(?<![^\n])>(>*From )/g, "$1"));
}

it("quotes what begins like the line that begins a message, and nothing else", async () => {
  const body = "From a\r\n>From b\r\n>>From c\r\nFrom\r\n> From d\r\nFrom: e\r\nX From f\r\n From g\r\nFrom";
  expect(await written(body)).toBe(
    `${BEGINNING}>From a\n>>From b\n>>>From c\nFrom\n> From d\nFrom: e\nX From f\n From g\nFrom\n\n`,
  );
});

it.each([
  ["Return-Path: <ann@example.org>\r\n", "ann@example.org"],
  ["Subject: x\r\nReturn-path: ann+x@example.org\r\nReturn-Path: <ben@example.org>\r\n", "ann+x@example.org"],
  ["Return-Path: <>\r\n", "MAILER-DAEMON"],
  ["Return-Path: <a b@example.org>\r\n", "MAILER-DAEMON"],
  ["Return-Path: <ann@example.org>\r\n\tSat Jan  1 00:00:00 2000\r\n", "MAILER-DAEMON"],
  ["\r\nReturn-Path: <ann@example.org>\r\n", "MAILER-DAEMON"],
  ["", "MAILER-DAEMON"],
])("names the envelope's sender where a server has written it: %j", async (header, sender) => {
  const [line] = (await written(header)).split("\n");
  expect(line).toBe(`From ${sender} Sat May  2 03:04:05 2026`);
});

it("gives the time when it was stored where the message has none", async () => {
  const message = { ...MESSAGE, date: null };
  expect(await written("", [], message)).toBe("From MAILER-DAEMON Mon Jun  1 00:00:00 2026\n\n");
});

it("is read back as it was, with LF as line end, however it is cut into parts", async () => {
  const pieces = [
    "From ",
    "From",
    "F",
    ">",
    ">From ",
    "\r\n",
    "\n",
    "\r",
    "\0",
    "\xff",
    "a",
    " ",
    "From x\r\n",
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((each) => each.join("")),
        { minLength: 1, maxLength: 3 },
      ),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 }),
      async (messages, lengths) => {
        const files = await Promise.all(messages.map((each) => written(each, lengths)));
        const expected = messages.map((each) => {
          const lines = each.replaceAll("\r\n", "\n");
          return lines === "" || lines.endsWith("\n") ? lines : `${lines}\n`;
        });
        expect(readBack(files.join(""))).toEqual(expected);
      },
    ),
    { numRuns: 500 },
  );
});
