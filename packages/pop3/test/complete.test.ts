import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Capabilities, CommandRefusedError, ConnectionClosedError, type RetrReply } from "../src/index.ts";
import { all, errorOf, loggedIn, textOf } from "./client.ts";
import { type Answer, serve } from "./server.ts";

const replies =
  (table: Readonly<Record<string, string>>): Answer =>
  (line) =>
    table[line];

describe("capabilities", () => {
  const capabilities = (text: string): Capabilities => new Capabilities(Buffer.from(text));

  test("tell what the server is, how long it keeps mail, and how often one may log in", () => {
    const told = capabilities(
      "IMPLEMENTATION Shlemazle-Plotz-v302  x\r\nEXPIRE 60 USER\r\nLOGIN-DELAY 900 user\r\n",
    );
    expect(told.implementation).toBe("Shlemazle-Plotz-v302 x");
    expect([told.expireDays, told.variesByUser("EXPIRE")]).toEqual([60, true]);
    expect([told.loginDelaySeconds, told.variesByUser("LOGIN-DELAY")]).toEqual([900, true]);
  });

  test.each([
    ["EXPIRE NEVER", "never"],
    ["EXPIRE never USER", "never"],
    ["EXPIRE 0", 0],
    ["EXPIRE", null],
    ["EXPIRE soon", null],
    ["EXPIRENEVER", null],
    ["USER", null],
  ])("%s: mail is kept %j days", (text, days) => {
    expect(capabilities(text).expireDays).toBe(days);
    expect(capabilities(text).variesByUser("LOGIN-DELAY")).toBe(false);
    expect(capabilities(text).implementation).toBeNull();
  });
});

describe("advice", () => {
  test.each([
    ["IN-USE", "later"],
    ["LOGIN-DELAY", "later"],
    ["SYS/TEMP", "later"],
    ["SYS/TEMP/DISK", "later"],
    ["AUTH", "stop"],
    ["SYS/PERM", "stop"],
    ["SYS/PERMANENT", "unknown"],
    ["SYS", "unknown"],
    ["UTF8", "unknown"],
    [null, "unknown"],
  ] as const)("of %s is %s", (responseCode, advice) => {
    const refusal = { statusText: "mailbox locked, try again", responseCode };
    expect(new CommandRefusedError("STAT", refusal).advice).toBe(advice);
    expect(new ConnectionClosedError(refusal).advice).toBe(advice);
  });
});

describe("LANG", () => {
  test("lists the languages and chooses one", async () => {
    await using server = await serve({
      answer: replies({
        LANG: "+OK Language listing follows:\r\nen English\r\nde-1996 Deutsch (1996)\r\ni-default\r\n\r\n.\r\n",
        "LANG de-1996": "+OK de-1996 Sprache gewechselt\r\n",
        "LANG tlh": "-ERR nope\r\n",
      }),
    });
    await using client = await loggedIn(server);
    expect(await client.languages()).toEqual([
      { tag: "en", name: "English" },
      { tag: "de-1996", name: "Deutsch (1996)" },
      { tag: "i-default", name: "" },
    ]);
    await client.setLanguage("de-1996");
    expect(await errorOf(client.setLanguage("tlh"))).toMatchObject({
      code: "POP3_COMMAND_REFUSED",
      verb: "LANG",
    });
    expect(await errorOf(client.setLanguage("de\r\nDELE 1"))).toMatchObject({
      code: "POP3_INVALID_ARGUMENT",
    });
    await client.noop();
  });
});

describe("TOP and UIDL", () => {
  test("that are listed are believed without a question", async () => {
    await using server = await serve();
    await using client = await loggedIn(server);
    const before = server.lines.length;
    expect([await client.supports("TOP"), await client.supports("UIDL")]).toEqual([true, true]);
    expect(server.lines).toHaveLength(before);
  });

  test.each([null, ["USER"]])("that are not listed are tried, once (CAPA: %j)", async (capabilities) => {
    await using server = await serve({
      capabilities,
      answer: replies({
        LIST: "+OK\r\n3 10\r\n4 20\r\n.\r\n",
        "TOP 3 0": "+OK\r\nSubject: x\r\n\r\n.\r\n",
        UIDL: "-ERR unknown\r\n",
      }),
    });
    await using client = await loggedIn(server);
    for (let time = 0; time < 2; time++) {
      expect([await client.supports("TOP"), await client.supports("UIDL")]).toEqual([true, false]);
    }
    expect(server.lines.slice(-3)).toEqual(["LIST", "TOP 3 0", "UIDL"]);
  });

  test("and the other way round", async () => {
    await using server = await serve({
      capabilities: null,
      answer: replies({ LIST: "+OK\r\n1 10\r\n.\r\n", "TOP 1 0": "-ERR\r\n", UIDL: "+OK\r\n1 a\r\n.\r\n" }),
    });
    await using client = await loggedIn(server);
    expect([await client.supports("TOP"), await client.supports("UIDL")]).toEqual([false, true]);
  });

  test("TOP cannot be tried on an empty maildrop", async () => {
    await using server = await serve({ capabilities: null, answer: replies({ LIST: "+OK\r\n.\r\n" }) });
    await using client = await loggedIn(server);
    expect(await client.supports("TOP")).toBeNull();
  });
});

describe("an empty line too many", () => {
  test.each(["\r\n", "\n"])("after a message is passed over (%j)", async (stray) => {
    await using server = await serve({
      answer: (line) => (line.startsWith("RETR") ? `+OK\r\nhello\r\n.\r\n${stray}` : undefined),
    });
    await using client = await loggedIn(server);
    const texts: string[] = [];
    for await (const reply of client.retrMany([{ messageNumber: 1 }, { messageNumber: 2 }])) {
      if (reply.kind === "message") texts.push(await textOf(reply.content));
    }
    expect(texts).toEqual(["hello\r\n", "hello\r\n"]);
    await client.noop();
  });

  test("anywhere else, or a second one, means that replies are out of step", async () => {
    for (const [answer, lines] of [
      [replies({ NOOP: "+OK\r\n\r\n" }), 1],
      [replies({ "RETR 1": "+OK\r\nx\r\n.\r\n\r\n\r\n" }), 2],
      [replies({ "RETR 1": "+OK\r\nx\r\n.\r\n\rx\r\n" }), 1],
    ] as const) {
      await using server = await serve({ answer });
      await using client = await loggedIn(server);
      if (lines === 1) await client.noop().catch(() => undefined);
      await client
        .retr(1)
        .then(({ content }) => textOf(content))
        .catch(() => undefined);
      await server.closed();
      expect(await errorOf(client.noop())).toMatchObject({ code: "POP3_PROTOCOL_ERROR" });
    }
  });
});

describe("marking many messages", () => {
  test("is pipelined, and a refusal stops nothing", async () => {
    await using server = await serve({ answer: replies({ "DELE 2": "-ERR gone\r\n" }) });
    await using client = await loggedIn(server);
    const marked = await all(client.deleMany([1, 2, 3]));
    expect(marked.map(({ kind }) => kind)).toEqual(["marked", "refused", "marked"]);
    expect(server.lines.slice(-3)).toEqual(["DELE 1", "DELE 2", "DELE 3"]);
  });
});

describe("a server that loses commands which come together", () => {
  const losing = (): Answer => {
    let busy = false;
    return (line, peer) => {
      if (!line.startsWith("RETR")) return undefined;
      if (busy) return "";
      busy = true;
      setImmediate(() => {
        busy = false;
        peer.write(`+OK\r\nmessage ${line}\r\n.\r\n`);
      });
      return "";
    };
  };
  const requests = [1, 2, 3].map((messageNumber) => ({ messageNumber }));

  test("is noticed by the time limit, and works in a new session without pipelining", async () => {
    await using server = await serve({ answer: losing() });
    await using client = await loggedIn(server, { timeouts: { idleMs: 300 } });
    expect(client.pipelining).toBe(true);
    const read = async (replies: AsyncIterable<RetrReply>): Promise<string[]> => {
      const texts: string[] = [];
      for await (const reply of replies)
        if (reply.kind === "message") texts.push(await textOf(reply.content));
      return texts;
    };
    expect(await errorOf(read(client.retrMany(requests)))).toMatchObject({
      code: "POP3_TIMEOUT",
      phase: "idle",
      unanswered: 2,
    });
    await using again = await loggedIn(server, { pipelining: false });
    expect(again.pipelining).toBe(false);
    expect(await read(again.retrMany(requests))).toHaveLength(3);
  });

  test("and one that hangs up instead tells how many were unanswered", async () => {
    await using server = await serve({
      answer: (line, peer) => {
        if (line === "RETR 2") peer.hangUp();
        return line === "RETR 1" ? "+OK\r\nx\r\n.\r\n" : line.startsWith("RETR") ? "" : undefined;
      },
    });
    await using client = await loggedIn(server);
    expect(await errorOf(all(client.retrMany(requests)))).toMatchObject({
      code: "POP3_CONNECTION_CLOSED",
      unanswered: 2,
    });
  });
});

describe("keepAlive", () => {
  // Its clock only: the connection is real.
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] }));
  afterEach(() => void vi.useRealTimers());

  test("sends NOOP while nothing else is asked for, until it is disposed of", async () => {
    await using server = await serve();
    await using client = await loggedIn(server);
    const before = server.lines.length;
    {
      using _alive = client.keepAlive(60_000);
      for (let time = 0; time < 2; time++) {
        await vi.advanceTimersByTimeAsync(30_000);
        await client.rset();
      }
    }
    await vi.advanceTimersByTimeAsync(600_000);
    await client.rset();
    expect(server.lines.slice(before)).toEqual(["NOOP", "RSET", "NOOP", "RSET", "RSET"]);
    expect(() => client.keepAlive(Number.NaN)).toThrow("not a time");
  });

  test("sends nothing into a streamed reply, and ends with the session", async () => {
    await using server = await serve({
      answer: (line) => (line === "RETR 1" ? "+OK\r\nfirst\r\n" : undefined),
    });
    await using client = await loggedIn(server);
    using _alive = client.keepAlive(60_000);
    const { content } = await client.retr(1);
    await vi.advanceTimersByTimeAsync(600_000);
    server.peers[0]?.write(".\r\n");
    await textOf(content);
    await client.rset();
    expect(server.lines.slice(-2)).toEqual(["RETR 1", "RSET"]);
    expect(vi.getTimerCount()).toBe(1);
    await client.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
