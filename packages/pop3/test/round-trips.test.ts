import { Duplex } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { Capabilities, connect } from "../src/index.ts";
import { textOf } from "./client.ts";

const capabilities = "+OK\r\nUSER\r\nUIDL\r\nPIPELINING\r\n.\r\n";
const answers: Readonly<Record<string, string>> = {
  CAPA: capabilities,
  LIST: "+OK\r\n1 4\r\n2 4\r\n.\r\n",
  RETR: "+OK\r\na\r\n.\r\n",
};

/** A server far away: what is sent before its answer comes makes one round trip. */
function farServer(trips: string[][]): Duplex {
  let flight: string[] = [];
  const answer = async (): Promise<void> => {
    // Whoever does not wait for an answer has sent the rest by then.
    for (let quiet = 0; quiet < 10; quiet++) await turn();
    const lines = flight;
    flight = [];
    trips.push(lines);
    stream.push(lines.map((line) => answers[line.split(" ")[0] ?? ""] ?? "+OK\r\n").join(""));
  };
  const stream = new Duplex({
    read() {},
    write(octets: Buffer, _encoding, done) {
      if (flight.length === 0) void answer();
      flight.push(...octets.toString().split("\r\n").slice(0, -1));
      done();
    },
  });
  stream.push("+OK\r\n");
  return stream;
}

/** Retrieves all there is. @returns what the server got, a round trip each */
async function session(knownCapabilities?: Capabilities): Promise<string[][]> {
  const trips: string[][] = [];
  const dial = async (): Promise<Duplex> => farServer(trips);
  const known = knownCapabilities === undefined ? {} : { knownCapabilities };
  await using client = await connect({ host: "far.test", security: "plain", dial, ...known });
  const login = { mechanisms: ["USER"], awaitCapabilities: false } as const;
  await client.login({ user: "u", password: "p" }, login);
  const requests = [];
  for await (const { messageNumber } of client.list()) requests.push({ messageNumber });
  for await (const reply of client.retrMany(requests)) {
    if (reply.kind === "message") expect(await textOf(reply.content)).toBe("a\r\n");
  }
  await client.quit();
  return trips;
}

test("a session needs no more round trips than the protocol does", async () => {
  expect(await session()).toEqual([
    ...[["CAPA"], ["USER u"], ["PASS p"], ["CAPA", "LIST"]],
    ...[["RETR 1", "RETR 2"], ["QUIT"]],
  ]);
});

test("a server that is known from an earlier session is not asked for its capabilities before the login", async () => {
  const known = new Capabilities(Buffer.from("USER\r\nUIDL\r\nPIPELINING\r\n"));
  expect(await session(known)).toEqual([
    ...[["USER u"], ["PASS p"], ["CAPA", "LIST"]],
    ...[["RETR 1", "RETR 2"], ["QUIT"]],
  ]);
});
