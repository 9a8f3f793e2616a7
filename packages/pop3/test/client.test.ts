import { describe, expect, test } from "vitest";
import { connect, MalformedReplyError } from "../src/index.ts";
import { all, allListings, errorOf, local, loggedIn, textOf } from "./client.ts";
import { type Answer, serve } from "./server.ts";

/** Answers by command line; a function of the test's own table. */
const replies =
  (table: Readonly<Record<string, string>>): Answer =>
  (line) =>
    table[line];

describe("connecting", () => {
  test("keeps the greeting and its timestamp for APOP, and reads the capabilities", async () => {
    await using server = await serve({ greeting: "+OK hi <1.2@host> there\r\n" });
    await using client = await connect(local(server));
    expect(client.greeting).toEqual({ text: "hi <1.2@host> there", apopTimestamp: "<1.2@host>" });
    expect(client.capabilities?.tags).toEqual(["USER", "UIDL", "TOP", "PIPELINING"]);
  });

  test("gets along without CAPA", async () => {
    await using server = await serve({ greeting: "+OK\r\n", capabilities: null });
    await using client = await loggedIn(server);
    expect(client.capabilities).toBeNull();
    expect(server.lines).toEqual(["CAPA", "USER u", "PASS hunter2"]);
  });

  test("tells a refused connection", async () => {
    const server = await serve();
    await server[Symbol.asyncDispose]();
    const error = await errorOf(connect(local(server)));
    expect(error).toMatchObject({ code: "POP3_CONNECT_FAILED", systemCode: "ECONNREFUSED" });
  });

  test("tells an unknown host", async () => {
    const options = { host: "nowhere.invalid", security: "tls" } as const;
    expect(await errorOf(connect(options))).toMatchObject({ code: "POP3_CONNECT_FAILED" });
  });

  test("tells a server that is busy from one that is no POP3 server", async () => {
    await using busy = await serve({ greeting: "-ERR [SYS/TEMP] too many connections\r\n" });
    expect(await errorOf(connect(local(busy)))).toMatchObject({
      code: "POP3_GREETING_REFUSED",
      responseCode: "SYS/TEMP",
      sessionUsable: false,
    });
    await using smtp = await serve({ greeting: "220 mail ESMTP\r\n" });
    expect(await errorOf(connect(local(smtp)))).toMatchObject({ code: "POP3_NOT_POP3" });
    await busy.closed();
    await smtp.closed();
  });

  test("tells a server that hangs up without a greeting", async () => {
    await using server = await serve({ greeting: "", onConnect: (peer) => peer.hangUp() });
    expect(await errorOf(connect(local(server)))).toMatchObject({ code: "POP3_CONNECTION_CLOSED" });
  });

  test("gives up on a server that does not greet", async () => {
    await using server = await serve({ greeting: "" });
    const error = await errorOf(connect(local(server, { timeouts: { replyMs: 20 } })));
    expect(error).toMatchObject({ code: "POP3_TIMEOUT", phase: "preLogin" });
    await server.closed();
  });

  test("gives up soon on a server that says +OK to CAPA and nothing more", async () => {
    const timeouts = { preLoginMs: 20 };
    await using silent = await serve({ answer: (line) => (line === "CAPA" ? "+OK\r\n" : undefined) });
    const error = await errorOf(connect(local(silent, { timeouts })));
    expect(error).toMatchObject({ code: "POP3_TIMEOUT", phase: "preLogin" });
    await silent.closed();
  });

  test("gives up on a dialler that never comes back", async () => {
    const dial = (): Promise<never> => new Promise(() => undefined);
    const error = await errorOf(
      connect({ host: "mail.test", security: "plain", dial, timeouts: { connectMs: 20 } }),
    );
    expect(error).toMatchObject({ code: "POP3_TIMEOUT", phase: "connect" });
  });

  test("does nothing when it is aborted beforehand", async () => {
    const dial = (): Promise<never> => Promise.reject(new Error("dialled"));
    const signal = AbortSignal.abort("no time");
    const error = await errorOf(connect({ host: "mail.test", security: "plain", dial, signal }));
    expect(error).toMatchObject({ code: "POP3_ABORTED", cause: "no time" });
  });

  test("refuses a security that it does not know", async () => {
    const options = { host: "mail.test", security: "starttls" as "stls" };
    expect(await errorOf(connect(options))).toMatchObject({ code: "POP3_INVALID_ARGUMENT" });
  });
});

describe("login", () => {
  test("reads the capabilities again", async () => {
    await using server = await serve();
    await using client = await loggedIn(server);
    expect(server.lines).toEqual(["CAPA", "USER u", "PASS hunter2", "CAPA"]);
    expect(client.utf8).toBe(false);
  });

  test("need not wait for them where commands may be pipelined", async () => {
    const asked: string[] = [];
    await using server = await serve({
      answer: (line, peer) => {
        asked.push(line);
        const known = line === "CAPA" && peer.lines.includes("PASS hunter2");
        // Answered only when the next command is here, which a client that waits would never send.
        if (known) return "";
        return line === "STAT" ? "+OK\r\nPIPELINING\r\nEXPIRE 3\r\n.\r\n+OK 1 100\r\n" : undefined;
      },
    });
    await using client = await connect(local(server));
    await client.login({ user: "u", password: "hunter2" }, { awaitCapabilities: false });
    expect(client.capabilities?.expireDays).toBeNull();
    expect(await client.stat()).toEqual({ count: 1, octets: 100 });
    expect(client.capabilities?.expireDays).toBe(3);
    expect(asked.slice(-2)).toEqual(["CAPA", "STAT"]);
  });

  test("waits for them before QUIT, and where commands may not be pipelined", async () => {
    for (const capabilities of [["USER"], ["USER", "PIPELINING"]]) {
      await using server = await serve({ capabilities });
      await using client = await connect(local(server));
      await client.login({ user: "u", password: "hunter2" }, { awaitCapabilities: false });
      await client.quit();
      expect(server.lines.slice(-2)).toEqual(["CAPA", "QUIT"]);
    }
  });

  test("a session that ends while they are read tells it to the next call", async () => {
    await using server = await serve({
      answer: (line, peer) => {
        if (line !== "CAPA" || !peer.lines.includes("PASS hunter2")) return undefined;
        peer.hangUp();
        return "";
      },
    });
    await using client = await connect(local(server));
    await client.login({ user: "u", password: "hunter2" }, { awaitCapabilities: false });
    expect(await errorOf(client.stat())).toMatchObject({ code: "POP3_CONNECTION_CLOSED" });
  });

  test("sends UTF8 first where it is offered", async () => {
    await using server = await serve({ capabilities: ["USER", "UTF8 USER"] });
    await using client = await loggedIn(server);
    expect(server.lines).toEqual(["CAPA", "UTF8", "USER u", "PASS hunter2", "CAPA"]);
    expect(client.utf8).toBe(true);
  });

  test("goes on where UTF8 is refused or not wanted", async () => {
    const capabilities = ["UTF8"];
    await using server = await serve({ capabilities, answer: replies({ UTF8: "-ERR no\r\n" }) });
    await using refused = await loggedIn(server);
    expect(refused.utf8).toBe(false);
    await using other = await serve({ capabilities });
    await using unwanted = await loggedIn(other, { utf8: false });
    expect(unwanted.utf8).toBe(false);
    expect(other.lines).not.toContain("UTF8");
  });

  test("that is refused may be tried again, and its error keeps the code and no password", async () => {
    let refusals = 1;
    await using server = await serve({
      answer: (line) =>
        line.startsWith("PASS") && refusals-- > 0 ? `-ERR [AUTH] not ${line}\r\n` : undefined,
    });
    await using client = await connect(local(server));
    const error = await errorOf(client.login({ user: "u", password: "hunter2" }));
    expect(error).toMatchObject({
      code: "POP3_LOGIN_REFUSED",
      verb: "PASS",
      responseCode: "AUTH",
      advice: "stop",
    });
    expect(error).toMatchObject({ sessionUsable: true, statusText: "[AUTH] not PASS ****" });
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain("hunter2");
    await client.login({ user: "u", password: "hunter2" });
    expect(await client.stat().catch((reason: unknown) => reason)).toBeInstanceOf(MalformedReplyError);
  });

  test.each(["\r", "\n", "\0"])("with %j in user or password writes nothing at all", async (octet) => {
    await using server = await serve();
    await using client = await connect(local(server));
    for (const credentials of [
      { user: `u${octet}DELE 1`, password: "p" },
      { user: "u", password: `p${octet}DELE 1` },
    ]) {
      expect(await errorOf(client.login(credentials))).toMatchObject({ code: "POP3_INVALID_ARGUMENT" });
    }
    await client.quit();
    expect(server.lines).toEqual(["CAPA", "QUIT"]);
  });

  test("shows no password in the wire log, not even one that the server echoes", async () => {
    const seen: string[] = [];
    await using server = await serve({
      answer: (line) => (line.startsWith("PASS") ? `+OK you said ${line}\r\n` : undefined),
    });
    await using client = await loggedIn(server, {
      onWire: ({ direction, octets }) => seen.push(`${direction} ${Buffer.from(octets).toString()}`),
    });
    await client.noop();
    expect(seen).toContain("sent PASS ****\r\n");
    expect(seen).toContain("received +OK you said PASS ****\r\n");
    expect(seen).toContain("sent NOOP\r\n");
    expect(seen.join("")).not.toContain("hunter2");
  });

  test("shows no password where the server sends the line back as it was", async () => {
    const seen: string[] = [];
    await using server = await serve({
      answer: (line) => (line.startsWith("PASS") ? `${line}\r\n` : undefined),
    });
    const onWire = ({ octets }: { octets: Uint8Array }): number => seen.push(Buffer.from(octets).toString());
    const error = await errorOf(loggedIn(server, { onWire }));
    expect(error).toMatchObject({ code: "POP3_PROTOCOL_ERROR" });
    expect(`${seen.join("")}${error.stack}`).not.toContain("hunter2");
  });
});

describe("a session", () => {
  test("asks each command as the RFC says", async () => {
    await using server = await serve({
      answer: replies({
        STAT: "+OK 2 300\r\n",
        "LIST 2": "+OK 2 200\r\n",
        "UIDL 2": "+OK 2  a b \r\n",
        "TOP 1 5": "+OK\r\nSubject: x\r\n\r\n1\r\n.\r\n",
      }),
    });
    await using client = await loggedIn(server);
    expect(await client.stat()).toEqual({ count: 2, octets: 300 });
    expect(await client.listOne(2)).toEqual({ messageNumber: 2, octets: 200 });
    expect(Buffer.from((await client.uidlOne(2)).uniqueId).toString()).toBe("a b ");
    expect(await textOf((await client.top(1, 5)).content)).toBe("Subject: x\r\n\r\n1\r\n");
    await client.dele(1);
    await client.rset();
    await client.noop();
    await client.quit();
    expect(client.usable).toBe(false);
    expect(server.lines.slice(4)).toEqual([
      "STAT",
      "LIST 2",
      "UIDL 2",
      "TOP 1 5",
      "DELE 1",
      "RSET",
      "NOOP",
      "QUIT",
    ]);
  });

  test("lists, reports malformed lines after the last, and stays in step", async () => {
    await using server = await serve({
      answer: replies({
        UIDL: "+OK\r\n1 a\r\nrubbish\r\n2\r\n.\r\n",
        LIST: `+OK\r\n1 100\r\n2 many\r\n3 ${"x".repeat(200)}\r\n4 400\r\n.\r\n`,
      }),
    });
    await using client = await loggedIn(server, { limits: { listingLineOctets: 100 } });
    const numbers: number[] = [];
    const error = await errorOf(
      (async () => {
        for await (const { messageNumber } of client.uidl()) numbers.push(messageNumber);
      })(),
    );
    expect(numbers).toEqual([1, 2]);
    expect(error).toMatchObject({ code: "POP3_MALFORMED_REPLY", count: 1, sessionUsable: true });
    expect(error).toHaveProperty("line", new Uint8Array(Buffer.from("rubbish")));
    expect(await errorOf(all(client.list()))).toMatchObject({ count: 2 });
    await client.noop();
  });

  test("stays in step when a listing is left early", async () => {
    await using server = await serve({ answer: replies({ LIST: "+OK\r\n1 1\r\n2 2\r\n3 3\r\n.\r\n" }) });
    await using client = await loggedIn(server);
    for await (const { octets } of client.list()) if (octets === 2) break;
    await client.noop();
  });

  test.each([true, false])("gives all listings whole, pipelining %j", async (pipelining) => {
    const answer = replies({
      STAT: "+OK 2 300\r\n",
      UIDL: "+OK\r\n1 a\r\n2 b\r\n.\r\n",
      LIST: "+OK\r\n1 100\r\n2 200\r\n.\r\n",
    });
    await using server = await serve({ capabilities: pipelining ? ["PIPELINING"] : [], answer });
    await using client = await loggedIn(server);
    expect(await allListings(client)).toEqual({
      stat: { count: 2, octets: 300 },
      uidl: "1 a\r\n2 b\r\n",
      list: "1 100\r\n2 200\r\n",
    });
    await client.noop();
  });

  test.each([true, false])(
    "stays in step when the listings are left early, pipelining %j",
    async (pipelining) => {
      const answer = replies({
        STAT: "+OK 2 300\r\n",
        UIDL: "+OK\r\n1 a\r\n2 b\r\n.\r\n",
        LIST: "-ERR [SYS/TEMP] later\r\n",
      });
      await using server = await serve({ capabilities: pipelining ? ["PIPELINING"] : [], answer });
      await using client = await loggedIn(server);
      for await (const part of client.listings()) {
        expect(part).toEqual({ kind: "stat", count: 2, octets: 300 });
        expect(await errorOf(client.noop())).toMatchObject({
          code: "POP3_SESSION_BUSY",
          sessionUsable: true,
        });
        break;
      }
      await client.noop();
    },
  );

  test("tells of a connection that breaks within the listings", async () => {
    await using server = await serve({
      answer: (line, peer) => {
        if (line !== "UIDL") return line === "LIST" ? "" : undefined;
        peer.write("+OK\r\n1 a\r\n");
        peer.hangUp();
        return "";
      },
    });
    await using client = await loggedIn(server);
    expect(await errorOf(allListings(client))).toMatchObject({ code: "POP3_CONNECTION_CLOSED" });
  });

  test("gives listings without UIDL, and stays in step where LIST is refused", async () => {
    const table: Record<string, string> = {
      STAT: "+OK 0 0\r\n",
      UIDL: "-ERR what\r\n",
      LIST: "+OK\r\n.\r\n",
    };
    await using server = await serve({ answer: (line) => table[line] });
    await using client = await loggedIn(server);
    expect(await allListings(client)).toEqual({ stat: { count: 0, octets: 0 }, uidl: null, list: "" });
    table["LIST"] = "-ERR [SYS/TEMP] later\r\n";
    expect(await errorOf(allListings(client))).toMatchObject({ verb: "LIST", responseCode: "SYS/TEMP" });
    await client.noop();
  });

  test("streams a message and is free again after its last octet", async () => {
    await using server = await serve({ answer: replies({ "RETR 1": "+OK 7 octets\r\nhello\r\n.\r\n" }) });
    await using client = await loggedIn(server);
    const { messageNumber, octetsSaid, content } = await client.retr(1);
    expect([messageNumber, octetsSaid]).toEqual([1, 7]);
    expect(await errorOf(client.noop())).toMatchObject({ code: "POP3_SESSION_BUSY", sessionUsable: true });
    expect(await textOf(content)).toBe("hello\r\n");
    expect([content.octets, content.ended, content.suspect]).toEqual([7, true, false]);
    await client.noop();
    expect(await errorOf(textOf(content))).toMatchObject({ code: "POP3_WRONG_STATE" });
  });

  test("reads the rest of a message that is left early", async () => {
    const body = "x\r\n".repeat(200_000);
    await using server = await serve({ answer: replies({ "RETR 1": `+OK\r\n${body}.\r\n` }) });
    await using client = await loggedIn(server);
    const { content } = await client.retr(1);
    for await (const chunk of content) if (chunk.length > 0) break;
    expect(content.octets).toBe(body.length);
    await client.noop();
  });

  test("runs calls that are made together one after another", async () => {
    await using server = await serve({ answer: replies({ STAT: "+OK 1 2\r\n" }) });
    await using client = await loggedIn(server);
    expect(await Promise.all([client.stat(), client.noop(), client.stat()])).toHaveLength(3);
  });

  test("goes on after a refused command", async () => {
    await using server = await serve({ answer: replies({ "RETR 99": "-ERR There's no message 99.\r\n" }) });
    await using client = await loggedIn(server);
    const error = await errorOf(client.retr(99));
    expect(error).toMatchObject({ code: "POP3_COMMAND_REFUSED", verb: "RETR", sessionUsable: true });
    expect(await errorOf(client.listOne(1))).toMatchObject({ code: "POP3_MALFORMED_REPLY" });
    expect(await errorOf(client.uidlOne(1))).toMatchObject({ code: "POP3_MALFORMED_REPLY" });
    await client.noop();
  });

  test("ends with the error of QUIT where the server refuses it", async () => {
    await using server = await serve({ answer: replies({ QUIT: "-ERR some messages not removed\r\n" }) });
    await using client = await loggedIn(server);
    expect(await errorOf(client.quit())).toMatchObject({ verb: "QUIT", sessionUsable: false });
    expect(client.usable).toBe(false);
  });

  test("that is disposed of closes the connection and sends nothing", async () => {
    await using server = await serve();
    {
      await using client = await loggedIn(server);
      await client.noop();
    }
    await server.closed();
    expect(server.lines.at(-1)).toBe("NOOP");
  });

  test("that is closed says so", async () => {
    await using server = await serve();
    await using client = await loggedIn(server);
    await client.close();
    expect(await errorOf(client.noop())).toMatchObject({ code: "POP3_SESSION_CLOSED" });
  });
});
