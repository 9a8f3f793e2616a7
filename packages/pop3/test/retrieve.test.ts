import { once } from "node:events";
import { describe, expect, test } from "vitest";
import type { RetrReply } from "../src/index.ts";
import { all, errorOf, loggedIn, textOf } from "./client.ts";
import { type Answer, type ServerOptions, serve, type TestServer } from "./server.ts";

const requests = (count: number, listedOctets?: number): { messageNumber: number; listedOctets?: number }[] =>
  Array.from({ length: count }, (_, index) => ({
    messageNumber: index + 1,
    ...(listedOctets === undefined ? {} : { listedOctets }),
  }));

const mails: Answer = (line) => {
  const number = /^RETR (\d+)$/.exec(line)?.[1];
  return number === undefined ? undefined : `+OK\r\nmail ${number}\r\n.\r\n`;
};

/** Holds RETRs back and counts them; `release` answers what has come so far. */
async function gated(options: ServerOptions = {}): Promise<{
  readonly server: TestServer;
  waiting(count: number): Promise<void>;
  readonly most: () => number;
  release(): void;
}> {
  const events = new EventTarget();
  const held: string[] = [];
  let most = 0;
  const server = await serve({
    ...options,
    answer: (line) => {
      if (!line.startsWith("RETR")) return undefined;
      held.push(line);
      most = Math.max(most, held.length);
      events.dispatchEvent(new Event("held"));
      return "";
    },
  });
  return {
    server,
    most: () => most,
    waiting: async (count) => {
      while (held.length < count) await once(events, "held");
    },
    release: () => {
      const peer = server.peers.at(-1);
      for (const line of held.splice(0)) peer?.write(mails(line, peer) ?? "");
    },
  };
}

const contents = async (replies: AsyncIterable<RetrReply>): Promise<string[]> => {
  const read: string[] = [];
  for await (const reply of replies) {
    read.push(
      reply.kind === "message"
        ? `${reply.messageNumber}: ${await textOf(reply.content)}`
        : `${reply.messageNumber}: ${reply.error.statusText}`,
    );
  }
  return read;
};

const expected = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${index + 1}: mail ${index + 1}\r\n`);

describe("retrieving many", () => {
  test.each([true, false])("gives each message in order, pipelining %j", async (pipelining) => {
    await using server = await serve({ answer: mails });
    await using client = await loggedIn(server);
    expect(await contents(client.retrMany(requests(2_500), { pipelining }))).toEqual(expected(2_500));
    await client.noop();
  });

  test("goes on past a refused message", async () => {
    await using server = await serve({
      answer: (line, peer) => (line === "RETR 2" ? "-ERR gone\r\n" : mails(line, peer)),
    });
    await using client = await loggedIn(server);
    const read = await contents(client.retrMany(requests(3)));
    expect(read).toEqual(["1: mail 1\r\n", "2: gone", "3: mail 3\r\n"]);
  });

  test("passes over content that nobody reads", async () => {
    await using server = await serve({ answer: mails });
    await using client = await loggedIn(server);
    const replies = await all(client.retrMany(requests(3)));
    expect(replies.map(({ messageNumber }) => messageNumber)).toEqual([1, 2, 3]);
    const first = replies[0];
    if (first?.kind !== "message") throw new Error("no message");
    expect(await errorOf(textOf(first.content))).toMatchObject({ code: "POP3_WRONG_STATE" });
  });

  test("does not let content that was passed over half-read look complete", async () => {
    const body = "x\r\n".repeat(100_000);
    await using server = await serve({
      answer: (line, peer) => (line === "RETR 1" ? `+OK\r\n${body}.\r\n` : mails(line, peer)),
    });
    await using client = await loggedIn(server);
    const replies = client.retrMany(requests(2));
    const first = await replies.next();
    if (first.done === true || first.value.kind !== "message") throw new Error("no message");
    const chunks = first.value.content[Symbol.asyncIterator]();
    await chunks.next();
    await replies.next();
    expect(await errorOf(chunks.next())).toMatchObject({ code: "POP3_WRONG_STATE", sessionUsable: true });
  });

  test("does not hang when the next reply is asked for while content is being read", async () => {
    const { server, waiting } = await gated();
    await using _ = server;
    await using client = await loggedIn(server);
    const replies = client.retrMany(requests(2));
    const first = replies.next();
    await waiting(2);
    const peer = server.peers[0];
    peer?.write("+OK\r\nhalf");
    const reply = await first;
    if (reply.done === true || reply.value.kind !== "message") throw new Error("no message");
    const chunks = reply.value.content[Symbol.asyncIterator]();
    await chunks.next();
    const reading = chunks.next();
    const next = replies.next();
    peer?.write(" a mail\r\n.\r\n+OK\r\nmail 2\r\n.\r\n");
    expect((await reading).done).toBe(false);
    expect(await errorOf(chunks.next())).toMatchObject({ code: "POP3_WRONG_STATE" });
    expect((await next).value).toMatchObject({ messageNumber: 2 });
    expect(await all(replies)).toEqual([]);
  });

  test("never has more commands in flight than the window holds", async () => {
    const { server, waiting, most, release } = await gated();
    await using _ = server;
    await using client = await loggedIn(server);
    const reading = contents(client.retrMany(requests(30), { windowCommands: 10 }));
    for (let answered = 0; answered < 30; answered += 10) {
      await waiting(10);
      release();
    }
    expect(await reading).toEqual(expected(30));
    expect(most()).toBe(10);
  });

  test("never has more listed octets in flight than the window holds, but one message in any case", async () => {
    const { server, waiting, most, release } = await gated();
    await using _ = server;
    await using client = await loggedIn(server);
    const options = { windowOctets: 1_000 };
    const reading = all(client.retrMany(requests(9, 300), options));
    for (let answered = 0; answered < 9; answered += 3) {
      await waiting(3);
      release();
    }
    expect(await reading).toHaveLength(9);
    expect(most()).toBe(3);
    const large = all(client.retrMany(requests(2, 5_000), options));
    await waiting(1);
    release();
    await waiting(1);
    release();
    expect(await large).toHaveLength(2);
    expect(most()).toBe(3);
  });

  test("sends one command at a time where the server does not say PIPELINING", async () => {
    const { server, waiting, most, release } = await gated({ capabilities: ["UIDL"] });
    await using _ = server;
    await using client = await loggedIn(server);
    const reading = contents(client.retrMany(requests(3)));
    for (let answered = 0; answered < 3; answered++) {
      await waiting(1);
      release();
    }
    expect(await reading).toEqual(expected(3));
    expect(most()).toBe(1);
  });

  test("takes requests that come slowly without holding up replies", async () => {
    await using server = await serve({ answer: mails });
    await using client = await loggedIn(server);
    const read = new EventTarget();
    async function* slow(): AsyncGenerator<{ messageNumber: number }> {
      const first = once(read, "read");
      yield { messageNumber: 1 };
      await first;
      yield { messageNumber: 2 };
    }
    const texts: string[] = [];
    for await (const reply of client.retrMany(slow())) {
      if (reply.kind === "message") texts.push(await textOf(reply.content));
      read.dispatchEvent(new Event("read"));
    }
    expect(texts).toEqual(["mail 1\r\n", "mail 2\r\n"]);
  });

  test("delivers what was sent before the requests fail, and stays in step", async () => {
    await using server = await serve({ answer: mails });
    await using client = await loggedIn(server);
    const texts: string[] = [];
    const bad = [{ messageNumber: 1 }, { messageNumber: 0 }, { messageNumber: 2 }];
    const error = await errorOf(
      (async () => {
        for await (const reply of client.retrMany(bad)) {
          if (reply.kind === "message") texts.push(await textOf(reply.content));
        }
      })(),
    );
    expect(error).toMatchObject({ code: "POP3_INVALID_ARGUMENT" });
    expect(texts).toEqual(["mail 1\r\n"]);
    await client.noop();
    expect(server.lines).not.toContain("RETR 2");
  });

  test("refuses a window or octets that would never let anything through", async () => {
    await using server = await serve({ answer: mails });
    await using client = await loggedIn(server);
    for (const options of [{ windowCommands: 0 }, { windowOctets: Number.NaN }]) {
      const error = await errorOf(all(client.retrMany(requests(1), options)));
      expect(error).toMatchObject({ code: "POP3_INVALID_ARGUMENT" });
    }
    expect(await errorOf(all(client.retrMany(requests(1, Number.NaN))))).toMatchObject({
      code: "POP3_INVALID_ARGUMENT",
      sessionUsable: true,
    });
    await client.noop();
  });

  test("that is left while replies are outstanding closes the session without QUIT", async () => {
    await using server = await serve({ answer: mails });
    await using client = await loggedIn(server);
    for await (const reply of client.retrMany(requests(10))) if (reply.messageNumber === 2) break;
    expect(client.usable).toBe(false);
    expect(await errorOf(client.quit())).toMatchObject({ code: "POP3_SESSION_CLOSED" });
    await server.closed();
    expect(server.lines).not.toContain("QUIT");
  });

  test("that is left after its last reply leaves the session usable", async () => {
    await using server = await serve({ answer: mails });
    await using client = await loggedIn(server);
    for await (const reply of client.retrMany(requests(2))) {
      if (reply.kind === "message") await textOf(reply.content);
      if (reply.messageNumber === 2) break;
    }
    await client.noop();
    await client.quit();
    expect(server.lines.at(-1)).toBe("QUIT");
  });

  test("refuses other commands meanwhile", async () => {
    await using server = await serve({ answer: mails });
    await using client = await loggedIn(server);
    const replies = client.retrMany(requests(2));
    await replies.next();
    expect(await errorOf(client.noop())).toMatchObject({ code: "POP3_SESSION_BUSY" });
    expect(await errorOf(all(client.list()))).toMatchObject({ code: "POP3_SESSION_BUSY" });
    expect(await all(replies)).toHaveLength(1);
    await client.noop();
  });
});

describe("a message that begins with a line of one dot, which the server does not stuff", () => {
  const forged = "+OK 60 octets\r\n.\r\n+OK 60 octets\r\nforged\r\n.\r\n";

  test("is suspect, for fewer octets came than were listed", async () => {
    await using server = await serve({
      answer: (line, peer) => (line === "RETR 1" ? forged : mails(line, peer)),
    });
    await using client = await loggedIn(server);
    const suspects: boolean[] = [];
    const reading = (async () => {
      for await (const reply of client.retrMany(requests(2, 8))) {
        if (reply.kind !== "message") throw new Error("no message");
        await textOf(reply.content);
        suspects.push(reply.content.suspect);
      }
    })();
    await reading.catch(() => undefined);
    expect(suspects[0]).toBe(true);
  });

  test("ends the session where its rest is no reply", async () => {
    await using server = await serve({
      answer: (line, peer) => (line === "RETR 1" ? "+OK\r\n.\r\nDear Sir,\r\n.\r\n" : mails(line, peer)),
    });
    await using client = await loggedIn(server);
    const error = await errorOf(contents(client.retrMany(requests(2, 8))));
    expect(error).toMatchObject({ code: "POP3_PROTOCOL_ERROR", sessionUsable: false });
  });

  test("is not suspected where more octets came than were listed", async () => {
    await using server = await serve({ answer: mails });
    await using client = await loggedIn(server);
    for await (const reply of client.retrMany(requests(1, 5))) {
      if (reply.kind !== "message") throw new Error("no message");
      await textOf(reply.content);
      expect([reply.content.octets, reply.content.suspect]).toEqual([8, false]);
    }
  });
});

describe("headers and single listings of many", () => {
  test("come in order, with refusals and too long headers told apart", async () => {
    await using server = await serve({
      answer: (line) => {
        const number = /^TOP (\d+) 0$/.exec(line)?.[1];
        if (number === "2") return "-ERR gone\r\n";
        if (number === "3") return `+OK\r\nX: ${"x".repeat(2_000)}\r\n\r\n.\r\n`;
        return number === undefined ? undefined : `+OK\r\nSubject: ${number}\r\n\r\n.\r\n`;
      },
    });
    await using client = await loggedIn(server, { limits: { headerOctets: 1_000 } });
    const told = (await all(client.topMany([1, 2, 3, 4]))).map((reply) =>
      reply.kind === "header" ? Buffer.from(reply.header).toString() : reply.error.code,
    );
    expect(told).toEqual([
      "Subject: 1\r\n\r\n",
      "POP3_COMMAND_REFUSED",
      "POP3_LIMIT_EXCEEDED",
      "Subject: 4\r\n\r\n",
    ]);
    await client.noop();
  });

  test("list each message, and tell an answer that belongs to another", async () => {
    await using server = await serve({
      answer: (line) => {
        const number = /^LIST (\d+)$/.exec(line)?.[1];
        if (number === "2") return "-ERR gone\r\n";
        return number === undefined ? undefined : `+OK ${number === "3" ? "7" : number} 100\r\n`;
      },
    });
    await using client = await loggedIn(server);
    const told = (await all(client.listMany([1, 2, 3]))).map((reply) =>
      reply.kind === "listed" ? reply.octets : reply.error.code,
    );
    expect(told).toEqual([100, "POP3_COMMAND_REFUSED", "POP3_MALFORMED_REPLY"]);
  });
});
