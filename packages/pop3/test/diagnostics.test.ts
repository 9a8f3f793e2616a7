import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, test } from "vitest";
import type { ReplyMessage, SessionMessage } from "../src/index.ts";
import { errorOf, loggedIn, textOf } from "./client.ts";
import { saslServer } from "./sasl-server.ts";
import { serve } from "./server.ts";

test("tells each reply and the session's end to whoever listens, without arguments or texts", async () => {
  const replies: ReplyMessage[] = [];
  const sessions: SessionMessage[] = [];
  const onReply = (message: unknown): unknown => replies.push(message as ReplyMessage);
  const onSession = (message: unknown): unknown => sessions.push(message as SessionMessage);
  subscribe("mailonce:pop3:reply", onReply);
  subscribe("mailonce:pop3:session", onSession);
  try {
    await using server = await serve({
      answer: (line) =>
        line === "RETR 1" ? "+OK\r\nhello\r\n.\r\n" : line === "RETR 2" ? "-ERR [SYS/TEMP] x\r\n" : undefined,
    });
    await using client = await loggedIn(server);
    await textOf((await client.retr(1)).content);
    await errorOf(client.retr(2));
    await client.quit();
    const peer = { host: "127.0.0.1", port: server.port, security: "plain" };
    expect(replies.map(({ verb, ok, octets }) => `${verb} ${ok} ${octets}`)).toEqual([
      ...["GREETING true 0", "CAPA true 29", "USER true 0", "PASS true 0", "CAPA true 29"],
      ...["RETR true 7", "RETR false 0", "QUIT true 0"],
    ]);
    expect(replies[6]).toMatchObject({ ...peer, responseCode: "SYS/TEMP" });
    for (const { statusMs, endMs } of replies) expect(endMs >= statusMs && statusMs >= 0).toBe(true);
    expect(sessions).toEqual([
      { ...peer, code: "POP3_SESSION_CLOSED", commands: 7, octets: 65, ms: expect.any(Number) },
    ]);
    expect(JSON.stringify([replies, sessions])).not.toContain("hunter2");

    await using sasl = await serve({
      capabilities: ["SASL LOGIN"],
      answer: saslServer({ user: "u", password: "hunter2" }),
    });
    replies.length = 0;
    await using other = await loggedIn(sasl);
    expect(other.mechanism).toBe("LOGIN");
    expect(replies.map(({ verb }) => verb)).toEqual(["GREETING", "CAPA", "RESPONSE", "CAPA"]);
  } finally {
    unsubscribe("mailonce:pop3:reply", onReply);
    unsubscribe("mailonce:pop3:session", onSession);
  }
});
