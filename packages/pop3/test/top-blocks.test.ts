import { describe, expect, test } from "vitest";
import type { BlockOptions, Limits, Pop3Client, TopBlock, WindowOptions } from "../src/index.ts";
import { all, errorOf, loggedIn } from "./client.ts";
import { type Answer, serve } from "./server.ts";

/** Headers that all have as many octets, so that one in place of another does not show by its size. */
const header = (messageNumber: number): string => `Subject: ${`${messageNumber}`.padStart(6, "0")}\r\n\r\n`;

const reply = (text: string): string => `+OK\r\n${text}.\r\n`;

/** A server with these headers, and answers of its own to some commands. */
const headers =
  (others: Answer = () => undefined): Answer =>
  (line, peer) => {
    const [verb, number] = line.split(" ");
    const other = others(line, peer);
    if (other !== undefined || number === undefined) return other;
    if (verb === "TOP") return reply(header(Number(number)));
    return verb === "LIST" ? `+OK ${number} 1000\r\n` : undefined;
  };

function told({ replies }: TopBlock): string {
  const inWords = replies.map((one) => {
    if (one.kind === "refused") {
      const beginning = "beginning" in one ? ` ${one.beginning.length}` : "";
      return `${one.messageNumber} ${one.error.code}${beginning}`;
    }
    const text = Buffer.from(one.header).toString("latin1");
    return text === header(one.messageNumber)
      ? `${one.messageNumber}`
      : `${one.messageNumber} ${text.length}`;
  });
  return `block ${inWords.join(", ")}`;
}

/** What all blocks tell, and at the end the error, if there is one; and the commands that were sent. */
async function exchange(
  answer: Answer,
  count: number,
  { limits = {}, ...options }: WindowOptions & BlockOptions & { readonly limits?: Partial<Limits> } = {},
  after: (client: Pop3Client) => Promise<void> = (client) => client.noop(),
): Promise<{ readonly lines: string[]; readonly sent: string[] }> {
  await using server = await serve({ answer });
  await using client = await loggedIn(server, { limits });
  const before = server.lines.length;
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const lines: string[] = [];
  try {
    for await (const block of client.topBlocks(numbers, options)) lines.push(told(block));
  } catch (error) {
    lines.push((error as { code: string }).code);
  }
  const sent = server.lines.slice(before);
  await after(client);
  return { lines, sent };
}

const isOver = async (client: Pop3Client): Promise<void> => expect(client.usable).toBe(false);

describe("headers in blocks", () => {
  test("are confirmed block by block by a marker that names the last message", async () => {
    const { lines, sent } = await exchange(headers(), 5, { blockMessages: 2 });
    expect(lines).toEqual(["block 1, 2", "block 3, 4", "block 5"]);
    const tops = (a: number, b: number): string[] => [`TOP ${a} 0`, `TOP ${b} 0`, `LIST ${b}`];
    expect(sent).toEqual([...tops(1, 2), ...tops(3, 4), "TOP 5 0", "LIST 5"]);
  });

  test("come one by one without pipelining, and without a marker", async () => {
    const { lines, sent } = await exchange(headers(), 3, { pipelining: false });
    expect(lines).toEqual(["block 1", "block 2", "block 3"]);
    expect(sent).toEqual(["TOP 1 0", "TOP 2 0", "TOP 3 0"]);
  });

  test("come in order by the thousand, in a small window", async () => {
    const { lines } = await exchange(headers(), 2_500, { windowCommands: 7 });
    const numbers = Array.from({ length: 2_500 }, (_, index) => `${index + 1}`);
    expect(lines.join(", ").replaceAll("block ", "")).toBe(numbers.join(", "));
    expect(lines).toHaveLength(79);
  });

  test("are whole where they come one octet at a time, and where they are empty", async () => {
    const { lines } = await exchange(
      headers((line, peer) => {
        if (line === "TOP 3 0") return reply("");
        if (line !== "TOP 2 0") return undefined;
        for (const octet of reply("X: 1\r\n..\r\n\r\n")) peer.write(octet);
        return "";
      }),
      4,
    );
    expect(lines).toEqual(["block 1, 2 11, 3 0, 4"]);
  });

  test("stand beside refusals, and beside the beginnings of headers that are too long", async () => {
    const { lines } = await exchange(
      headers((line) => {
        if (line === "TOP 1 0") return "-ERR gone\r\n";
        return line === "TOP 3 0" ? reply(`X: ${"x".repeat(2_000)}\r\n\r\n`) : undefined;
      }),
      4,
      { limits: { headerOctets: 1_000 } },
    );
    expect(lines).toEqual(["block 1 POP3_COMMAND_REFUSED, 2, 3 POP3_LIMIT_EXCEEDED 1000, 4"]);
  });

  test("of which the last is refused are confirmed by another", async () => {
    const { lines, sent } = await exchange(
      headers((line) => (line.split(" ")[1] === "3" ? "-ERR gone\r\n" : undefined)),
      3,
    );
    expect(lines).toEqual(["block 1, 2, 3 POP3_COMMAND_REFUSED"]);
    expect(sent.slice(3)).toEqual(["LIST 3", "LIST 2"]);
  });

  test("are not confirmed by a refused marker where the last one was only too long", async () => {
    const { lines } = await exchange(
      headers((line) => {
        if (line === "LIST 3") return "-ERR gone\r\n";
        return line === "TOP 3 0" ? reply(`X: ${"x".repeat(2_000)}\r\n\r\n`) : undefined;
      }),
      3,
      { limits: { headerOctets: 1_000 } },
      isOver,
    );
    expect(lines).toEqual(["POP3_OUT_OF_STEP"]);
  });

  test("are not given where the server leaves one out, so that each would be its neighbour's", async () => {
    const { lines } = await exchange(
      headers((line) => (line === "TOP 5 0" ? "" : undefined)),
      9,
      { blockMessages: 3 },
      isOver,
    );
    expect(lines).toEqual(["block 1, 2, 3", "POP3_OUT_OF_STEP"]);
  });

  test("end the session where they do not end", async () => {
    const { lines } = await exchange(
      headers((line) => (line === "TOP 2 0" ? reply("x\r\n".repeat(2_000)) : undefined)),
      3,
      { limits: { topOctets: 5_000 } },
      isOver,
    );
    expect(lines).toEqual(["POP3_LIMIT_EXCEEDED"]);
  });

  test("of what is no message number are refused", async () => {
    await using server = await serve({ answer: headers() });
    await using client = await loggedIn(server);
    expect(await errorOf(all(client.topBlocks([0])))).toMatchObject({ code: "POP3_INVALID_ARGUMENT" });
    await client.noop();
  });
});
