import { describe, expect, test } from "vitest";
import { connect, type Pop3Client } from "../src/index.ts";
import { ReceiveRate } from "../src/session/receive-rate.ts";
import { all, allListings, errorOf, local, loggedIn, textOf } from "./client.ts";
import { type Answer, type Peer, serve } from "./server.ts";

/** Sends the text again and again, a piece at a time, until the client has had enough. */
function sendForever({ socket }: Peer, text: string): void {
  const more = (): void => {
    if (!socket.destroyed) socket.write(text, () => setImmediate(more));
  };
  more();
}

/** Sends an octet of the text every few ms, then begins again. */
function drip({ socket }: Peer, text: string, at = 0): void {
  if (socket.destroyed) return;
  socket.write(text[at % text.length] ?? "");
  setTimeout(() => drip({ socket } as Peer, text, at + 1), 4);
}

/** Answers one command by a positive status line and a multi-line reply without end. */
const instead =
  (verb: string, send: (peer: Peer) => void): Answer =>
  (line, peer) => {
    if (line === "LIST" && verb === "UIDL") return "";
    if (line.split(" ")[0] !== verb) return line === "UIDL" ? "+OK\r\n1 a\r\n.\r\n" : undefined;
    peer.write("+OK\r\n");
    send(peer);
    return "";
  };

/** Silence is no matter here: the server is never silent. */
const impatient = { idleMs: 60_000, rateMs: 100, listingMs: 60_000 };
const fast = { leastRate: 5_000 };

const retrieveAll = async (client: Pop3Client): Promise<void> => {
  for await (const reply of client.retrMany([{ messageNumber: 1 }]))
    if (reply.kind === "message") await textOf(reply.content);
};

describe("a server that sends an octet at a time, for ever", () => {
  const exchanges: readonly (readonly [string, string, (client: Pop3Client) => Promise<unknown>])[] = [
    ["UIDL", "1 a\r\n", (client) => all(client.uidl())],
    ["LIST", "1 1\r\n", (client) => all(client.list())],
    ["UIDL", "1 a\r\n", allListings],
    ["LIST", "1 1\r\n", allListings],
    ["RETR", "mail\r\n", async (client) => textOf((await client.retr(1)).content)],
    ["RETR", "..mail\r\n", retrieveAll],
    ["RETR", "mail\r\n", (client) => all(client.retrBlocks([{ messageNumber: 1 }]))],
    ["TOP", "Subject: x\r\n", async (client) => textOf((await client.top(1, 0)).content)],
    ["TOP", "\r\n..\r\n", (client) => all(client.topMany([1]))],
    ["RETR", "mail\r\n", async (client) => (await client.retr(1)).content.drain()],
  ];

  test.each(exchanges)("does not hold a session by its reply to %s (%j)", async (verb, text, exchange) => {
    await using server = await serve({ answer: instead(verb, (peer) => drip(peer, text)) });
    await using client = await loggedIn(server, { timeouts: impatient, limits: fast });
    const error = await errorOf(exchange(client));
    expect(error).toMatchObject({ code: "POP3_TIMEOUT", phase: "rate", sessionUsable: false });
    expect(error.message).toBe("the server sends too slowly, for 100 ms (rate)");
    await server.closed();
    expect(await errorOf(client.noop())).toBe(error);
  });

  test.each(["uidl", "list"] as const)("has so much time for a listing in all (%s)", async (verb) => {
    await using server = await serve({
      answer: instead(verb.toUpperCase(), (peer) => drip(peer, "1 1\r\n")),
    });
    const timeouts = { ...impatient, rateMs: 60_000, listingMs: 100 };
    await using client = await loggedIn(server, { timeouts });
    expect(await errorOf(all<unknown>(client[verb]()))).toMatchObject({ phase: "listing" });
    await server.closed();
  });

  test("has as much time for CAPA as for any reply before the login", async () => {
    await using server = await serve({ answer: instead("CAPA", (peer) => drip(peer, "X\r\n")) });
    const error = await errorOf(connect(local(server, { timeouts: { preLoginMs: 100 } })));
    expect(error).toMatchObject({ code: "POP3_TIMEOUT", phase: "preLogin" });
    await server.closed();
  });

  test("has as much time for CAPA and LANG after the login as for any reply", async () => {
    await using server = await serve({ answer: instead("LANG", (peer) => drip(peer, "de x\r\n")) });
    await using client = await loggedIn(server, { timeouts: { replyMs: 100, preLoginMs: 60_000 } });
    expect(await errorOf(client.languages())).toMatchObject({ code: "POP3_TIMEOUT", phase: "reply" });
  });

  test("has so much time for a greeting", async () => {
    await using server = await serve({ greeting: "+OK ", onConnect: (peer) => drip(peer, "x") });
    const error = await errorOf(connect(local(server, { timeouts: { preLoginMs: 100 } })));
    expect(error).toMatchObject({ code: "POP3_TIMEOUT", phase: "preLogin" });
    await server.closed();
  });

  test("has so much time for a status line", async () => {
    await using server = await serve({
      answer: (line, peer) => {
        if (line !== "NOOP") return undefined;
        drip(peer, "+OK and so on ");
        return "";
      },
    });
    await using client = await loggedIn(server, { timeouts: { replyMs: 100 } });
    expect(await errorOf(client.noop())).toMatchObject({ code: "POP3_TIMEOUT", phase: "reply" });
    await server.closed();
  });

  test("gains nothing by many small messages", async () => {
    await using server = await serve({
      answer: (line, peer) => {
        if (!line.startsWith("RETR")) return undefined;
        peer.write("+OK\r\n");
        const reply = "Subject: x\r\n\r\n.\r\n";
        const send = (at: number): void => {
          if (peer.socket.destroyed || at === reply.length) return;
          peer.socket.write(reply[at] ?? "");
          setTimeout(send, 4, at + 1);
        };
        send(0);
        return "";
      },
    });
    await using client = await loggedIn(server, { timeouts: { ...impatient, rateMs: 400 }, limits: fast });
    let messages = 0;
    const reading = (async () => {
      for (;;) {
        await textOf((await client.retr(1)).content);
        messages++;
      }
    })();
    expect(await errorOf(reading)).toMatchObject({ phase: "rate" });
    expect(messages).toBeGreaterThan(1);
  });
});

describe("a client that takes its time", () => {
  test("is not told that the server is slow", async () => {
    const body = `${"x".repeat(998)}\r\n`.repeat(8 * 1024);
    await using server = await serve({
      answer: (line) => (line === "RETR 1" ? `+OK\r\n${body}.\r\n` : undefined),
    });
    await using client = await loggedIn(server, {
      timeouts: { rateMs: 20 },
      limits: { leastRate: 1_000, bufferedOctets: 64 * 1024 },
    });
    const { content } = await client.retr(1);
    let [octets, pauses] = [0, 0];
    for await (const chunk of content) {
      octets += chunk.length;
      if (pauses++ < 10) await new Promise((resolve) => setTimeout(resolve, 30));
    }
    expect(octets).toBe(body.length);
  });
});

describe("the rate of replies", () => {
  const rate = () => new ReceiveRate({ rateMs: 1_000, leastRate: 100 });

  test("is kept by whoever sends enough over the time of a measure", () => {
    const slow = rate();
    for (let n = 1; n < 1000; n++) expect(slow.addWait(1, 250, n * 34)).toBe(true);
  });

  test("is not kept by less", () => {
    const slow = rate();
    const kept = Array.from({ length: 6 }, (_, n) => slow.addWait(1, 250, n * 10));
    // The first wait of a reply is the server's own.
    expect(kept).toEqual([true, true, true, true, false, false]);
  });

  test("does not ask how long a server looks for each message", () => {
    const slow = rate();
    for (let reply = 1; reply < 1000; reply++) {
      expect(slow.addWait(reply, 30_000, reply)).toBe(true);
      expect(slow.replyMs).toBe(30_000);
    }
  });

  test("goes on over replies", () => {
    const slow = rate();
    let replies = 0;
    while (slow.addWait(replies, 400, replies) && slow.addWait(replies, 400, replies)) replies++;
    expect(replies).toBe(2);
  });

  test("of nothing is always kept", () => {
    const none = new ReceiveRate({ rateMs: 1_000, leastRate: 0 });
    for (let n = 1; n < 100; n++) expect(none.addWait(1, 60_000, 0)).toBe(true);
  });
});

describe("a server that never ends", () => {
  test.each([
    ["a greeting", "x", "POP3_NOT_POP3"],
    ["a greeting of empty lines", "\r\n", "POP3_NOT_POP3"],
    ["a refusal", "-ERR x", "POP3_NOT_POP3"],
  ])("is left soon: %s", async (_, text, code) => {
    await using server = await serve({ greeting: "", onConnect: (peer) => sendForever(peer, text) });
    expect(await errorOf(connect(local(server)))).toMatchObject({ code });
    await server.closed();
  });

  test("is left soon: its capabilities", async () => {
    await using server = await serve({ answer: instead("CAPA", (peer) => sendForever(peer, "X\r\n")) });
    expect(await errorOf(connect(local(server)))).toMatchObject({ limit: "capabilityOctets" });
    await server.closed();
  });

  test.each(["+OK ", "-ERR ", "+", ""])("is left soon: a status line that begins with %j", async (text) => {
    await using server = await serve({
      answer: (line, peer) => {
        if (line !== "NOOP") return undefined;
        peer.write(text);
        sendForever(peer, "x".repeat(1000));
        return "";
      },
    });
    await using client = await loggedIn(server);
    expect(await errorOf(client.noop())).toMatchObject({
      code: "POP3_LIMIT_EXCEEDED",
      limit: "statusLineOctets",
    });
    await server.closed();
  });

  test("is left soon: a challenge, and challenges one after another", async () => {
    await using long = await serve({
      capabilities: ["SASL PLAIN"],
      answer: (line, peer) => {
        if (!line.startsWith("AUTH")) return undefined;
        peer.write("+ ");
        sendForever(peer, "x".repeat(1000));
        return "";
      },
    });
    const login = async (port: number): Promise<void> => {
      await using client = await connect({ host: "127.0.0.1", port, security: "plain" });
      await client.login({ user: "u", password: "p" }, { mechanisms: ["PLAIN"] });
    };
    expect(await errorOf(login(long.port))).toMatchObject({ limit: "challengeOctets" });
    await using many = await serve({
      capabilities: ["SASL PLAIN"],
      answer: (line) => (line === "CAPA" || line === "QUIT" ? undefined : "+ \r\n"),
    });
    expect(await errorOf(login(many.port))).toMatchObject({ code: "POP3_SASL_FAILED" });
    await many.closed();
  });

  const body = `${"x".repeat(998)}\r\n`;
  const bounded: readonly (readonly [string, string, string, (client: Pop3Client) => Promise<unknown>])[] = [
    [
      "a message",
      "RETR",
      "mostOctets",
      async (client) => textOf((await client.retr(1, { mostOctets: 1e6 })).content),
    ],
    [
      "a message that nobody reads",
      "RETR",
      "mostOctets",
      async (client) => {
        const { content } = await client.retr(1, { mostOctets: 1e6 });
        for await (const _ of content) break;
      },
    ],
    [
      "a pipelined message",
      "RETR",
      "mostOctets",
      async (client) => {
        const requests = [1, 2].map((messageNumber) => ({
          messageNumber,
          listedOctets: 10,
          mostOctets: 1e6,
        }));
        for await (const reply of client.retrMany(requests))
          if (reply.kind === "message") await textOf(reply.content);
      },
    ],
    [
      "a part of a message",
      "TOP",
      "mostOctets",
      async (client) => (await client.top(1, 9, { mostOctets: 1e6 })).content.drain(),
    ],
    ["headers", "TOP", "topOctets", (client) => all(client.topMany([1]))],
    ["a message of any length", "RETR", "messageOctets", retrieveAll],
    [
      "a message in a block",
      "RETR",
      "mostOctets",
      async (client) => {
        const requests = [1, 2].map((messageNumber) => ({ messageNumber, mostOctets: 2e6 }));
        for await (const part of client.retrBlocks(requests))
          if (part.kind === "stream") await textOf(part.content);
      },
    ],
  ];
  test.each(bounded)("is left soon: %s", async (_, verb, limit, exchange) => {
    await using server = await serve({ answer: instead(verb, (peer) => sendForever(peer, body)) });
    const limits = { topOctets: 2e6, headerOctets: 1e4, messageOctets: 3e6 };
    await using client = await loggedIn(server, { limits });
    expect(await errorOf(exchange(client))).toMatchObject({
      code: "POP3_LIMIT_EXCEEDED",
      limit,
      sessionUsable: false,
    });
    await server.closed();
  });

  test("is not one whose message has just as many octets as it may", async () => {
    await using server = await serve({
      answer: (line) => (line.startsWith("RETR") ? `+OK\r\n${body}.\r\n` : undefined),
    });
    await using client = await loggedIn(server);
    for (const messageNumber of [1, 2])
      expect(await textOf((await client.retr(messageNumber, { mostOctets: body.length })).content)).toBe(
        body,
      );
    const { content } = await client.retr(3, { mostOctets: body.length - 1 });
    expect(await errorOf(textOf(content))).toMatchObject({
      message: `the server sent more than ${body.length - 1} octets (limit mostOctets)`,
    });
  });
});
