import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { StatusServer } from "../src/status/status-server.ts";

const start = () =>
  StatusServer.start(
    { host: "127.0.0.1", port: 0 },
    {
      troubles: async () => [],
      notes: () => ["something is to be seen to"],
      metrics: async () => ({ contentType: "text/plain", text: "" }),
    },
  );

async function dial(server: StatusServer): Promise<Socket> {
  const { hostname, port } = new URL(server.address);
  const socket = connect(Number(port), hostname).on("error", () => {});
  await once(socket, "connect");
  return socket;
}

/** Resolves with what came, when the server has closed the connection. */
async function untilClosed(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("latin1").on("data", (part: string) => {
    text += part;
  });
  await once(socket, "close");
  return text;
}

/** The bounds are 5 and 10 s; Node's own would be more than 30. */
const SOON = { timeout: 25_000 };

test.each([
  ["nothing at all", ""],
  ["half a request line", "GET /metr"],
  ["half a head", "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: "],
])("a connection that sends %s is closed", SOON, async (_what, text) => {
  await using server = await start();
  const socket = await dial(server);
  socket.write(text);
  expect(await untilClosed(socket)).not.toContain(" 200 ");
});

test(
  "a head that comes octet by octet, so that the connection is never idle, is not waited for",
  SOON,
  async () => {
    await using server = await start();
    const socket = await dial(server);
    socket.write("GET /healthz HTTP/1.1\r\nX-Slow: ");
    const drip = setInterval(() => socket.write("x"), 200);
    await untilClosed(socket);
    clearInterval(drip);
  },
);

test("a body that never comes is not waited for", SOON, async () => {
  await using server = await start();
  const socket = await dial(server);
  socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nx");
  await untilClosed(socket);
});

test("many connections that are held open are bounded, and closed in time for others", SOON, async () => {
  await using server = await start();
  const sockets = await Promise.all(Array.from({ length: 150 }, () => dial(server)));
  const closed = sockets.map(untilClosed);
  await Promise.all(closed);
  const response = await fetch(`${server.address}/readyz`);
  expect([response.status, await response.text()]).toEqual([200, "ok\nsomething is to be seen to\n"]);
});
