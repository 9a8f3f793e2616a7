import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * A TCP port of 127.0.0.1 that nobody listened on a moment ago. For programs that cannot choose a port
 * themselves; whoever can should listen on port 0.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    // Below the range that Linux takes the ports of outgoing connections from: tests make thousands of those.
    const port = randomInt(10_240, 32_768);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
