import { once } from "node:events";
import { describe, expect, test } from "vitest";
import type { BlockOptions, Pop3Client, RetrPart, RetrRequest, WindowOptions } from "../src/index.ts";
import { all, errorOf, loggedIn, textOf } from "./client.ts";
import { type Answer, serve } from "./server.ts";

/** Messages that all have as many octets, so that one in place of another does not show by its size. */
const mail = (messageNumber: number): string => `mail ${`${messageNumber}`.padStart(6, "0")}\r\n`;
const octets = mail(1).length;

const requests = (count: number, listedOctets = octets): RetrRequest[] =>
  Array.from({ length: count }, (_, index) => ({ messageNumber: index + 1, listedOctets }));

const reply = (text: string): string => `+OK ${text.length} octets\r\n${text}.\r\n`;

/** A server with these messages, and answers of its own to some commands. */
const mails =
  (others: Answer = () => undefined): Answer =>
  (line, peer) => {
    const [verb, number] = line.split(" ");
    const other = others(line, peer);
    if (other !== undefined || number === undefined) return other;
    if (verb === "RETR") return reply(mail(Number(number)));
    return verb === "LIST" ? `+OK ${number} ${octets}\r\n` : undefined;
  };

/** What each part tells; the content of a stream is read. */
async function told(part: RetrPart): Promise<string> {
  if (part.kind === "stream") {
    const text = await textOf(part.content);
    return `stream ${part.messageNumber}: ${text.length}${part.content.suspect ? " suspect" : ""}`;
  }
  if (part.kind === "suspect") return `suspect ${part.messageNumber}: ${part.octets} of ${part.listedOctets}`;
  const replies = part.replies.map((one) => {
    if (one.kind === "refused") return `${one.messageNumber} ${one.error.statusText}`;
    const text = Buffer.from(one.octets).toString("latin1");
    return text === mail(one.messageNumber) ? `${one.messageNumber}` : `${one.messageNumber} ${text.length}`;
  });
  return `block ${replies.join(", ")}`.trimEnd();
}

/** What all parts tell, and at the end the error, if there is one. */
async function read(parts: AsyncIterable<RetrPart>): Promise<string[]> {
  const lines: string[] = [];
  try {
    for await (const part of parts) lines.push(await told(part));
  } catch (error) {
    lines.push((error as { code: string }).code);
  }
  return lines;
}

/** The lines of one exchange, and the commands that it has sent. */
async function exchange(
  answer: Answer,
  asked: Iterable<RetrRequest> | AsyncIterable<RetrRequest>,
  options: WindowOptions & BlockOptions = {},
  after: (client: Pop3Client) => Promise<void> = async () => undefined,
): Promise<{ readonly lines: string[]; readonly sent: string[] }> {
  await using server = await serve({ answer });
  await using client = await loggedIn(server);
  const before = server.lines.length;
  const lines = await read(client.retrBlocks(asked, options));
  const sent = server.lines.slice(before);
  await after(client);
  return { lines, sent };
}

const goesOn = (client: Pop3Client): Promise<void> => client.noop();
const isOver = async (client: Pop3Client): Promise<void> => expect(client.usable).toBe(false);

describe("retrieving in blocks", () => {
  test("confirms each block by a marker that names its last message", async () => {
    const { lines, sent } = await exchange(mails(), requests(5), { blockMessages: 2 }, goesOn);
    expect(lines).toEqual(["block 1, 2", "block 3, 4", "block 5"]);
    expect(sent).toEqual(["RETR 1", "RETR 2", "LIST 2", "RETR 3", "RETR 4", "LIST 4", "RETR 5", "LIST 5"]);
  });

  test("ends a block by its listed octets, too", async () => {
    const { lines } = await exchange(mails(), requests(4), { blockOctets: octets + 1 });
    expect(lines).toEqual(["block 1, 2", "block 3, 4"]);
  });

  test("takes 16 KiB for a message of which no octets are listed", async () => {
    const unlisted = requests(5).map(({ messageNumber }) => ({ messageNumber }));
    const { lines } = await exchange(mails(), unlisted, { blockOctets: 32 * 1024 });
    expect(lines).toEqual(["block 1, 2", "block 3, 4", "block 5"]);
  });

  test("gives nothing where nothing is asked for", async () => {
    expect(await exchange(mails(), [], {}, goesOn)).toMatchObject({ lines: [], sent: [] });
  });

  test.each([1, 2, 3, 7])(
    "goes on in a window of %i commands, smaller than a block",
    async (windowCommands) => {
      const options = { windowCommands, blockMessages: 10 };
      const { lines } = await exchange(mails(), requests(25), options, goesOn);
      expect(lines.map((line) => line.split(",").length)).toEqual([10, 10, 5]);
    },
  );

  test("goes on in a window of a few octets", async () => {
    const { lines } = await exchange(mails(), requests(25), { windowOctets: 20, blockMessages: 10 }, goesOn);
    expect(lines.map((line) => line.split(",").length)).toEqual([10, 10, 5]);
  });

  test("gives thousands of messages in order", async () => {
    const { lines } = await exchange(mails(), requests(2_500), {}, goesOn);
    const numbers = requests(2_500).map(({ messageNumber }) => `${messageNumber}`);
    expect(lines.join(", ").replaceAll("block ", "")).toBe(numbers.join(", "));
    expect(lines).toHaveLength(79);
  });

  test("reads messages that come one octet at a time", async () => {
    const { lines } = await exchange(
      mails((line, peer) => {
        if (line !== "RETR 2") return undefined;
        for (const octet of reply("..dots\r\n..\r\n")) peer.write(octet);
        return "";
      }),
      requests(3, 4),
    );
    expect(lines).toEqual(["block 1, 2 10, 3"]);
  });

  test("sends one command at a time without pipelining, and no marker", async () => {
    const { lines, sent } = await exchange(mails(), requests(3), { pipelining: false }, goesOn);
    expect(lines).toEqual(["block 1", "block 2", "block 3"]);
    expect(sent).toEqual(["RETR 1", "RETR 2", "RETR 3"]);
  });

  test("gives a message that is longer than listed once its marker is answered", async () => {
    const { lines } = await exchange(mails(), requests(3, 3), {}, goesOn);
    expect(lines).toEqual(["block 1, 2, 3"]);
  });

  test("reads the octets of one message only as far as they may go", async () => {
    const bounded = requests(3, 1).map((request) => ({ ...request, mostOctets: octets - 1 }));
    const { lines } = await exchange(mails(), bounded, {}, isOver);
    expect(lines).toEqual(["POP3_LIMIT_EXCEEDED"]);
  });

  test("refuses options that it does not know", async () => {
    await using server = await serve({ answer: mails() });
    await using client = await loggedIn(server);
    for (const options of [{ blockMessages: 0 }, { blockOctets: Number.NaN }, { wholeOctets: 0 }])
      expect(await errorOf(all(client.retrBlocks(requests(1), options)))).toMatchObject({
        code: "POP3_INVALID_ARGUMENT",
        sessionUsable: true,
      });
    await client.noop();
  });
});

describe("a server whose replies are out of step", () => {
  const both = { blockMessages: 3 };

  test("is found out where it leaves out a whole reply, before a wrong message is given", async () => {
    const { lines } = await exchange(
      mails((line) => (line === "RETR 5" ? "" : undefined)),
      requests(9),
      both,
      isOver,
    );
    expect(lines).toEqual(["block 1, 2, 3", "POP3_OUT_OF_STEP"]);
  });

  test("is found out where it leaves out a reply of the last block, and then closes", async () => {
    const { lines } = await exchange(
      mails((line, peer) => {
        if (line === "LIST 6") peer.hangUp();
        return line === "RETR 6" ? "" : undefined;
      }),
      requests(6),
      both,
      isOver,
    );
    expect(lines).toEqual(["block 1, 2, 3", "POP3_CONNECTION_CLOSED"]);
  });

  test.each([4, 5, 6, 9])("is found out where it sends reply %i twice", async (twice) => {
    const { lines } = await exchange(
      mails((line) => (line === `RETR ${twice}` ? reply(mail(twice)).repeat(2) : undefined)),
      requests(9),
      both,
      isOver,
    );
    expect(lines.at(-1)).toMatch(/POP3_(OUT_OF_STEP|PROTOCOL_ERROR)/);
    expect(lines.slice(0, -1)).toEqual(["block 1, 2, 3", "block 4, 5, 6"].slice(0, twice > 6 ? 2 : 1));
  });

  test.each(["-ERR no such message\r\n", "+OK 2 10\r\n", "+OK\r\n", "+OK 10 octets\r\n", "+OK 33 10\r\n"])(
    "is not believed where a marker is answered %j",
    async (answer) => {
      await using server = await serve({ answer: mails((line) => (line === "LIST 3" ? answer : undefined)) });
      await using client = await loggedIn(server);
      const error = await errorOf(all(client.retrBlocks(requests(9), both)));
      expect(error).toMatchObject({ code: "POP3_OUT_OF_STEP", messageNumber: 3, sessionUsable: false });
      expect(await errorOf(client.noop())).toBe(error);
      await server.closed();
    },
  );
});

describe("a message that ends before its listed octets", () => {
  const short: Answer = mails((line) => (line === "RETR 5" ? reply("x\r\n") : undefined));

  test("ends the exchange: neither it nor its block is given", async () => {
    const { lines } = await exchange(short, requests(9), { blockMessages: 3 }, isOver);
    expect(lines).toEqual(["block 1, 2, 3", `suspect 5: 3 of ${octets}`]);
  });

  test("ends the exchange after its stream", async () => {
    const { lines } = await exchange(
      short,
      [{ messageNumber: 5, listedOctets: 100 }],
      { wholeOctets: 50 },
      isOver,
    );
    expect(lines).toEqual(["stream 5: 3 suspect", "suspect 5: 3 of 100"]);
  });

  test("is given like others without pipelining, whose replies are known by their place", async () => {
    const { lines } = await exchange(short, requests(6), { pipelining: false }, goesOn);
    expect(lines).toEqual(["block 1", "block 2", "block 3", "block 4", "block 5 3", "block 6"]);
  });
});

describe("a refused message", () => {
  /** RETR and LIST of these messages are refused. */
  const gone = (...numbers: readonly number[]): Answer =>
    mails((line) => (numbers.includes(Number(line.split(" ")[1])) ? "-ERR gone\r\n" : undefined));

  test("stands in its block", async () => {
    const { lines } = await exchange(gone(2), requests(3), {}, goesOn);
    expect(lines).toEqual(["block 1, 2 gone, 3"]);
  });

  test("that is the last of its block leaves it to another message to confirm the block", async () => {
    const { lines, sent } = await exchange(gone(3), requests(3), {}, goesOn);
    expect(lines).toEqual(["block 1, 2, 3 gone"]);
    expect(sent.slice(3)).toEqual(["LIST 3", "LIST 2"]);
  });

  test("holds its block back until any later marker is answered", async () => {
    const { lines } = await exchange(gone(3), requests(6), { blockMessages: 3 }, goesOn);
    expect(lines).toEqual(["block 1, 2, 3 gone, 4, 5, 6", "block"]);
  });

  test("needs no marker where no message came", async () => {
    const { lines, sent } = await exchange(gone(1, 2), requests(2), {}, goesOn);
    expect(lines).toEqual(["block 1 gone, 2 gone"]);
    expect(sent).toEqual(["RETR 1", "RETR 2", "LIST 2"]);
  });

  test("does not hide that its neighbours are out of step", async () => {
    const answer = gone(3, 4, 5);
    const { lines } = await exchange(
      (line, peer) => (line === "RETR 2" ? "" : answer(line, peer)),
      requests(9),
      { blockMessages: 3 },
      isOver,
    );
    expect(lines).toEqual(["POP3_OUT_OF_STEP"]);
  });
});

describe("a large message", () => {
  const large = "x"
    .repeat(998)
    .concat("\r\n")
    .repeat(3 * 1024);
  const answer: Answer = mails((line) => (line === "RETR 3" ? reply(large) : undefined));

  test("is streamed between two blocks", async () => {
    const asked = requests(5);
    asked[2] = { messageNumber: 3, listedOctets: large.length };
    const { lines, sent } = await exchange(answer, asked, {}, goesOn);
    expect(lines).toEqual(["block 1, 2", `stream 3: ${large.length}`, "block", "block 4, 5"]);
    expect(sent).toEqual(["RETR 1", "RETR 2", "LIST 2", "RETR 3", "LIST 3", "RETR 4", "RETR 5", "LIST 5"]);
  });

  test("is streamed where LIST says little of it, before its block", async () => {
    const { lines } = await exchange(answer, requests(5), {}, goesOn);
    expect(lines).toEqual([`stream 3: ${large.length}`, "block 1, 2, 4, 5"]);
  });

  test("is streamed without pipelining, and confirmed at once", async () => {
    const { lines } = await exchange(answer, requests(4), { pipelining: false }, goesOn);
    expect(lines).toEqual(["block 1", "block 2", `stream 3: ${large.length}`, "block", "block 4"]);
  });

  test("is passed over where nobody reads it, or not all of it", async () => {
    await using server = await serve({ answer });
    await using client = await loggedIn(server);
    for (const isBegun of [false, true]) {
      const lines: string[] = [];
      for await (const part of client.retrBlocks(requests(5))) {
        if (part.kind !== "stream") lines.push(await told(part));
        else if (isBegun) for await (const _ of part.content) break;
      }
      expect(lines).toEqual(["block 1, 2, 4, 5"]);
    }
    await client.noop();
  });

  test("comes octet by octet, beginning included", async () => {
    await using server = await serve({ answer });
    await using client = await loggedIn(server);
    for await (const part of client.retrBlocks(requests(4)))
      if (part.kind === "stream") expect((await textOf(part.content)) === large).toBe(true);
  });

  test("does not make a block hold more than its bounds", async () => {
    // Of more octets than arrive together.
    const text = "x".repeat(98).concat("\r\n").repeat(3_000);
    const options = { blockOctets: 300_000, wholeOctets: 310_000 };
    const { lines } = await exchange(
      mails((line) => (line.startsWith("RETR") ? reply(text) : undefined)),
      requests(4, 1),
      options,
      goesOn,
    );
    expect(lines).toEqual(["stream 3: 300000", "stream 4: 300000", "block 1 300000, 2 300000"]);
  });
});

describe("an exchange in blocks that breaks", () => {
  test("gives what was confirmed before, and then the error", async () => {
    const { lines } = await exchange(
      mails((line, peer) => {
        if (line === "RETR 6") peer.hangUp();
        return undefined;
      }),
      requests(9),
      { blockMessages: 2 },
      isOver,
    );
    expect(lines).toEqual(["block 1, 2", "block 3, 4", "POP3_CONNECTION_CLOSED"]);
  });

  test("gives nothing of a block that was aborted", async () => {
    const controller = new AbortController();
    await using server = await serve({ answer: mails((line) => (line === "LIST 4" ? "" : undefined)) });
    await using client = await loggedIn(server, { signal: controller.signal });
    const parts = client.retrBlocks(requests(4), { blockMessages: 2 });
    expect(await parts.next()).toMatchObject({ value: { replies: [{}, {}] } });
    const rest = read(parts);
    setImmediate(() => controller.abort());
    expect(await rest).toEqual(["POP3_ABORTED"]);
  });

  test("gives nothing of a block whose marker does not come in time", async () => {
    await using server = await serve({ answer: mails((line) => (line === "LIST 4" ? "" : undefined)) });
    await using client = await loggedIn(server, { timeouts: { idleMs: 200 } });
    const lines = await read(client.retrBlocks(requests(4), { blockMessages: 2 }));
    expect(lines).toEqual(["block 1, 2", "POP3_TIMEOUT"]);
  });

  test("by being left closes the session without QUIT", async () => {
    await using server = await serve({ answer: mails() });
    await using client = await loggedIn(server);
    for await (const _ of client.retrBlocks(requests(9), { blockMessages: 2 })) break;
    expect(client.usable).toBe(false);
    await server.closed();
    expect(server.lines).not.toContain("QUIT");
  });

  test("not, where it is left with its last block: then the session stays usable", async () => {
    await using server = await serve({ answer: mails() });
    await using client = await loggedIn(server);
    for await (const _ of client.retrBlocks(requests(9))) break;
    await client.quit();
    expect(server.lines.at(-1)).toBe("QUIT");
  });
});

describe("requests for blocks that come slowly", () => {
  test("do not hold up what was asked for before", async () => {
    await using server = await serve({ answer: mails() });
    await using client = await loggedIn(server);
    const given = new EventTarget();
    async function* slow(): AsyncGenerator<RetrRequest> {
      yield* requests(2);
      await once(given, "block");
      yield { messageNumber: 3, listedOctets: octets };
      await once(given, "block");
    }
    const lines: string[] = [];
    for await (const part of client.retrBlocks(slow())) {
      lines.push(await told(part));
      given.dispatchEvent(new Event("block"));
    }
    expect(lines).toEqual(["block 1, 2", "block 3"]);
    await client.noop();
  });

  test("share a block where each is at hand", async () => {
    async function* ready(): AsyncGenerator<RetrRequest> {
      yield* requests(250);
    }
    const { lines } = await exchange(mails(), ready(), {}, goesOn);
    expect(lines.map((line) => line.split(",").length)).toEqual([32, 32, 32, 32, 32, 32, 32, 26]);
  });

  test("and then fail, let everything be given that was asked for before", async () => {
    async function* failing(): AsyncGenerator<RetrRequest> {
      yield* requests(3);
      throw new InvalidRequests();
    }
    const { lines } = await exchange(mails(), failing(), {}, goesOn);
    expect(lines).toEqual(["block 1, 2, 3", "INVALID"]);
  });

  test("that make no sense end the exchange behind the last good one", async () => {
    const bad = [...requests(2), { messageNumber: 0 }, { messageNumber: 3 }];
    const { lines, sent } = await exchange(mails(), bad, {}, goesOn);
    expect(lines).toEqual(["block 1, 2", "POP3_INVALID_ARGUMENT"]);
    expect(sent).toEqual(["RETR 1", "RETR 2", "LIST 2"]);
  });
});

class InvalidRequests extends Error {
  readonly code = "INVALID";
}
