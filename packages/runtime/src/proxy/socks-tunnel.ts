import type { Socket } from "node:net";
import { ProxyError, type ProxyFault } from "./proxy-error.ts";
import type { ProxyAddress } from "./proxy-url.ts";
import type { Target, Tunnel } from "./tunnel.ts";

/** By what the library's messages say; a reply code of RFC 1928 section 6 stands at their end by its name. */
const FAULTS: readonly (readonly [RegExp, ProxyFault])[] = [
  [/Authentication failed/, "login-refused"],
  [/no accepted authentication/, "login-wanted"],
  [/rejected connection - NotAllowed$/, "forbidden"],
  [/rejected connection/, "server-unreachable"],
];

/** SOCKS 5: the proxy looks the server's name up. */
export const socksTunnel: Tunnel = async (socket, proxy, target) => {
  // Loaded here, not before: most commands go through no proxy.
  const { SocksClient } = await import("socks");
  try {
    await SocksClient.createConnection({
      command: "connect",
      // The caller's clock counts.
      timeout: 2 ** 31 - 1,
      existing_socket: socket,
      destination: target,
      proxy: { type: 5, host: proxy.host, port: proxy.port, ...login(proxy) },
    });
  } catch (error) {
    throw faultOf(error, proxy, target);
  }
  await keepEarlyOctets(socket);
};

function login({ user, password }: ProxyAddress): { userId?: string; password?: string } {
  return user === null ? {} : { userId: user, password: password ?? "" };
}

/** Not as a cause: the library's errors hold its options, and so the password. */
function faultOf(error: unknown, proxy: ProxyAddress, target: Target): ProxyError {
  const message = error instanceof Error ? error.message : "";
  const fault = FAULTS.find(([pattern]) => pattern.test(message))?.[1] ?? "nonsense";
  if (fault === "login-wanted" && proxy.user !== null) return new ProxyError("login-refused", proxy, target);
  const reply = / - (\w+)$/
    .exec(message)?.[1]
    ?.replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
  return new ProxyError(fault, proxy, target, fault === "server-unreachable" ? reply : "");
}

/**
 * What came right behind the proxy's reply (a server greets first) the library gives as a `data` event in the next
 * turn of the loop, and starts the flow: it is put back, so that whoever takes the socket loses nothing.
 */
async function keepEarlyOctets(socket: Socket): Promise<void> {
  const early: Buffer[] = [];
  const take = (octets: Buffer): void => void early.push(octets);
  socket.on("data", take);
  await new Promise((resolve) => setImmediate(resolve));
  socket.pause();
  socket.off("data", take);
  if (early.length > 0) socket.unshift(Buffer.concat(early));
}
