import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { connect } from "../src/index.ts";
import { all, errorOf, local, loggedIn, textOf } from "./client.ts";
import { serve } from "./server.ts";

describe("a server that fails", () => {
  test("in the middle of a message: the octets come, then the error", async () => {
    await using server = await serve({
      answer: (line, peer) => {
        if (line !== "RETR 1") return undefined;
        peer.socket.end("+OK\r\nhalf a mes");
        return "";
      },
    });
    await using client = await loggedIn(server);
    const { content } = await client.retr(1);
    const chunks: string[] = [];
    const error = await errorOf(
      (async () => {
        for await (const chunk of content) chunks.push(Buffer.from(chunk).toString());
      })(),
    );
    expect(chunks.join("")).toBe("half a mes");
    expect(error).toMatchObject({ code: "POP3_CONNECTION_CLOSED", sessionUsable: false });
    expect(content.ended).toBe(false);
    expect(await errorOf(client.noop())).toBe(error);
  });

  test("in the middle of the terminator: the message is not complete", async () => {
    await using server = await serve({
      answer: (line, peer) => {
        if (line === "RETR 1") peer.socket.end("+OK\r\nhello\r\n.\r");
        return line === "RETR 1" ? "" : undefined;
      },
    });
    await using client = await loggedIn(server);
    const { content } = await client.retr(1);
    expect(await errorOf(textOf(content))).toMatchObject({ code: "POP3_CONNECTION_CLOSED" });
  });

  test("right after a message: the message is complete", async () => {
    await using server = await serve({
      answer: (line, peer) => {
        if (line === "RETR 1") peer.socket.end("+OK\r\nhello\r\n.\r\n");
        return line === "RETR 1" ? "" : undefined;
      },
    });
    await using client = await loggedIn(server);
    const { content } = await client.retr(1);
    expect(await textOf(content)).toBe("hello\r\n");
    for (const again of [client.noop(), client.stat()]) {
      expect(await errorOf(again)).toMatchObject({ code: "POP3_CONNECTION_CLOSED" });
    }
  });

  test("by a reset: the cause is kept", async () => {
    await using server = await serve({
      answer: (line, peer) => {
        if (line === "NOOP") peer.socket.resetAndDestroy();
        return line === "NOOP" ? "" : undefined;
      },
    });
    await using client = await loggedIn(server);
    const error = await errorOf(client.noop());
    expect(error).toMatchObject({ code: "POP3_CONNECTION_CLOSED", cause: { code: "ECONNRESET" } });
  });

  test("by silence in the middle of a message", async () => {
    await using server = await serve({
      answer: (line) => (line === "RETR 1" ? "+OK\r\nhalf a mes" : undefined),
    });
    await using client = await loggedIn(server, { timeouts: { idleMs: 300 } });
    const { content } = await client.retr(1);
    expect(await errorOf(textOf(content))).toMatchObject({ code: "POP3_TIMEOUT", phase: "idle" });
    await server.closed();
  });

  test("by silence in place of a reply", async () => {
    await using server = await serve({ answer: (line) => (line === "NOOP" ? "" : undefined) });
    await using client = await loggedIn(server, { timeouts: { replyMs: 300 } });
    expect(await errorOf(client.noop())).toMatchObject({ code: "POP3_TIMEOUT", phase: "reply" });
    await server.closed();
  });

  test("by garbage in place of a reply", async () => {
    await using server = await serve({ answer: (line) => (line === "NOOP" ? "what?\r\n" : undefined) });
    await using client = await loggedIn(server);
    expect(await errorOf(client.noop())).toMatchObject({ code: "POP3_PROTOCOL_ERROR" });
    await server.closed();
  });

  test("by an unasked -ERR: the next command is told its text", async () => {
    await using server = await serve();
    await using client = await loggedIn(server);
    server.peers[0]?.socket.end("-ERR [SYS/TEMP] Server shutting down.\r\n");
    await server.closed();
    expect(await errorOf(client.noop())).toMatchObject({
      code: "POP3_CONNECTION_CLOSED",
      statusText: "[SYS/TEMP] Server shutting down.",
      responseCode: "SYS/TEMP",
    });
  });

  test("after a last -ERR: both replies are told", async () => {
    await using server = await serve({
      answer: (line, peer) => {
        if (line.startsWith("RETR")) peer.socket.end("-ERR [SYS/TEMP] Server shutting down.\r\n");
        return line.startsWith("RETR") ? "" : undefined;
      },
    });
    await using client = await loggedIn(server);
    expect(await errorOf(client.retr(1))).toMatchObject({ responseCode: "SYS/TEMP" });
    await server.closed();
    expect(await errorOf(client.retr(2))).toMatchObject({ statusText: "[SYS/TEMP] Server shutting down." });
  });

  test("by sending a listing without end", async () => {
    await using server = await serve({
      answer: (line) => (line === "UIDL" ? `+OK\r\n${"1 a\r\n".repeat(1000)}` : undefined),
    });
    await using client = await loggedIn(server, { limits: { listingOctets: 1000 } });
    expect(await errorOf(all(client.uidl()))).toMatchObject({
      code: "POP3_LIMIT_EXCEEDED",
      limit: "listingOctets",
    });
  });
});

describe("a reply that is left early although the session has ended meanwhile", () => {
  test("is not taken for the reply after it", async () => {
    await using server = await serve({
      answer: (line, peer) => {
        if (line !== "TOP 2 0") return line.startsWith("TOP") ? "" : undefined;
        const replies = `+OK\r\n${"x".repeat(500)}\r\n.\r\n+OK\r\nSubject: 2\r\n.\r\n`;
        setImmediate(() => peer.socket.end(replies));
        return "";
      },
    });
    await using client = await loggedIn(server, { limits: { headerOctets: 100 } });
    async function* numbers(): AsyncGenerator<number> {
      yield* [1, 2];
      await server.closed();
    }
    const kinds: string[] = [];
    for await (const { kind } of client.topMany(numbers())) {
      if (kinds.length === 0) await server.closed();
      if (kinds.push(kind) === 2) break;
    }
    expect(kinds).toEqual(["refused", "header"]);
  });
});

describe("a slow consumer", () => {
  test("holds the server back instead of filling memory, and loses nothing", async () => {
    const line = `${"x".repeat(998)}\r\n`;
    const octets = 64 * 1024 * line.length;
    await using server = await serve({
      answer: (command) => (command === "RETR 1" ? `+OK\r\n${line.repeat(64 * 1024)}.\r\n` : undefined),
    });
    await using client = await loggedIn(server, { limits: { bufferedOctets: 256 * 1024 } });
    const { content } = await client.retr(1);
    const socket = server.peers[0]?.socket;
    const before = process.memoryUsage().arrayBuffers;
    let drained = false;
    socket?.once("drain", () => {
      drained = true;
    });
    const chunks = content[Symbol.asyncIterator]();
    await chunks.next();
    for (let turn = 0; turn < 2_000; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(drained).toBe(false);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next());
    expect(content.octets).toBe(octets);
  });
});

describe("an abort", () => {
  test("in the middle of a message rejects with the reason and destroys the socket", async () => {
    await using server = await serve({
      answer: (line) => (line === "RETR 1" ? "+OK\r\nhalf a mes" : undefined),
    });
    const controller = new AbortController();
    await using client = await loggedIn(server, { signal: controller.signal });
    const { content } = await client.retr(1);
    const reading = errorOf(textOf(content));
    controller.abort(new Error("enough"));
    expect(await reading).toMatchObject({ code: "POP3_ABORTED", cause: { message: "enough" } });
    await server.closed();
  });

  test("while connecting rejects", async () => {
    const controller = new AbortController();
    await using server = await serve({ greeting: "", onConnect: () => controller.abort() });
    const error = await errorOf(connect(local(server, { signal: controller.signal })));
    expect(error).toMatchObject({ code: "POP3_ABORTED" });
    await server.closed();
  });

  test("leaves nothing on the signal after a session that ended well", async () => {
    await using server = await serve();
    const controller = new AbortController();
    const client = await loggedIn(server, { signal: controller.signal });
    await client.quit();
    controller.abort();
    expect(await errorOf(client.noop())).toMatchObject({ code: "POP3_SESSION_CLOSED" });
  });

  test("reaches a retrieval whose requests are slow to come", async () => {
    await using server = await serve();
    const controller = new AbortController();
    await using client = await loggedIn(server, { signal: controller.signal });
    const asked = new EventTarget();
    async function* requests(): AsyncGenerator<{ messageNumber: number }> {
      asked.dispatchEvent(new Event("asked"));
      await new Promise(() => undefined);
      yield { messageNumber: 1 };
    }
    const waiting = once(asked, "asked");
    const reading = errorOf(all(client.retrMany(requests())));
    await waiting;
    controller.abort();
    expect(await reading).toMatchObject({ code: "POP3_ABORTED" });
  });
});
