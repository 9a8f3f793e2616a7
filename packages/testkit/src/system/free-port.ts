import { createServer } from "node:net";

/**
 * A TCP port of 127.0.0.1 that nobody listened on a moment ago. For programs that cannot choose a port
 * themselves; whoever can should listen on port 0.
 */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("No port was given");
  return address.port;
}
