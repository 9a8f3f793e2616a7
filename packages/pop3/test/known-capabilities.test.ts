import { describe, expect, test } from "vitest";
import { Capabilities, connect } from "../src/index.ts";
import { errorOf, local } from "./client.ts";
import { serve } from "./server.ts";

const credentials = { user: "u", password: "hunter2" };

function capabilities(...lines: readonly string[]): Capabilities {
  return new Capabilities(Buffer.from(lines.map((line) => `${line}\r\n`).join("")));
}

describe("capabilities that are known from an earlier session", () => {
  test("are what the server offered before the login, and can be kept as text", async () => {
    await using server = await serve({
      answer: (line, peer) =>
        line === "CAPA" && peer.lines.includes("PASS hunter2") ? "+OK\r\nTOP\r\n.\r\n" : undefined,
      capabilities: ["USER", "SASL PLAIN LOGIN", "TOP"],
    });
    await using client = await connect(local(server));
    await client.login(credentials);
    expect(client.capabilities?.tags).toEqual(["TOP"]);
    const kept = String(client.offered);
    expect(kept).toBe("USER\r\nSASL PLAIN LOGIN\r\nTOP\r\n");
    expect(new Capabilities(Buffer.from(kept)).args("SASL")).toEqual(["PLAIN", "LOGIN"]);
  });

  test("spare the question before the login, not the one after it", async () => {
    await using server = await serve({ capabilities: ["USER", "TOP", "EXPIRE 7"] });
    await using client = await connect(local(server, { knownCapabilities: capabilities("USER") }));
    expect(client.capabilities?.has("TOP")).toBe(false);
    await client.login(credentials);
    expect(server.lines).toEqual(["USER u", "PASS hunter2", "CAPA"]);
    expect(client.capabilities?.expireDays).toBe(7);
  });

  test("are asked for again where nothing that was known fits, and the login goes on by them", async () => {
    await using server = await serve({ capabilities: ["SASL PLAIN"] });
    const knownCapabilities = capabilities("SASL NTLM");
    await using client = await connect(local(server, { knownCapabilities }));
    await client.login(credentials, { mechanisms: ["PLAIN"] });
    expect(server.lines.map((line) => line.split(" ")[0])).toEqual(["CAPA", "AUTH", "CAPA"]);
    expect(client.offered?.args("SASL")).toEqual(["PLAIN"]);
  });

  test("are asked for again where a mechanism is gone", async () => {
    await using server = await serve({
      capabilities: ["USER", "SASL LOGIN"],
      answer: (line) => (line.startsWith("AUTH") ? "-ERR what?\r\n" : undefined),
    });
    const knownCapabilities = capabilities("USER", "SASL PLAIN");
    await using client = await connect(local(server, { knownCapabilities }));
    await client.login(credentials, { mechanisms: ["PLAIN", "USER"] });
    expect(server.lines.map((line) => line.split(" ")[0])).toEqual(["AUTH", "CAPA", "USER", "PASS", "CAPA"]);
  });

  test("lead to no second attempt where they still hold, or the server says that the password is wrong", async () => {
    for (const [refusal, asked] of [
      ["-ERR no", ["USER u", "PASS hunter2", "CAPA"]],
      ["-ERR [AUTH] no", ["USER u", "PASS hunter2"]],
    ] as const) {
      await using server = await serve({
        capabilities: ["USER"],
        answer: (line) => (line.startsWith("PASS") ? `${refusal}\r\n` : undefined),
      });
      await using client = await connect(local(server, { knownCapabilities: capabilities("USER") }));
      expect(await errorOf(client.login(credentials))).toMatchObject({ code: "POP3_LOGIN_REFUSED" });
      expect(server.lines).toEqual(asked);
    }
  });

  test("do not hide a refusal from a server that hangs up after it", async () => {
    await using server = await serve({
      capabilities: ["USER"],
      answer: (line, peer) => {
        if (line.startsWith("PASS")) return "-ERR no\r\n";
        if (line !== "CAPA") return undefined;
        peer.hangUp();
        return "";
      },
    });
    await using client = await connect(local(server, { knownCapabilities: capabilities("USER") }));
    expect(await errorOf(client.login(credentials))).toMatchObject({ code: "POP3_LOGIN_REFUSED" });
  });

  test("do not spare STLS, and where it is refused nothing else is said", async () => {
    await using server = await serve({
      answer: (line) => (line === "STLS" ? "-ERR not today\r\n" : undefined),
    });
    const options = { security: "stls", knownCapabilities: capabilities("USER") } as const;
    expect(await errorOf(connect(local(server, options)))).toMatchObject({ code: "POP3_STLS_NOT_OFFERED" });
    expect(server.lines).toEqual(["STLS"]);
  });
});
