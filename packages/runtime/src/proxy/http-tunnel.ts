import { hostLiteral } from "../text/host-literal.ts";
import { ProxyError, type ProxyFault } from "./proxy-error.ts";
import type { ProxyAddress } from "./proxy-url.ts";
import type { Target, Tunnel } from "./tunnel.ts";

/** HTTP CONNECT by Node's own client: the proxy looks the server's name up. */
export const httpTunnel: Tunnel = async (socket, proxy, target) => {
  // Only who has such a proxy waits until it is loaded.
  const { request } = await import("node:http");
  await new Promise<void>((resolve, reject) => {
    const authority = `${hostLiteral(target.host)}:${target.port}`;
    const asked = request({
      method: "CONNECT",
      path: authority,
      headers: { host: authority, ...authorization(proxy) },
      createConnection: () => socket,
    });
    asked.once("connect", ({ statusCode = 0 }, _socket, early: Buffer) => {
      if (statusCode < 200 || statusCode > 299) return reject(faultOf(statusCode, proxy, target));
      socket.pause();
      if (early.length > 0) socket.unshift(early);
      resolve();
    });
    // No proxy answers CONNECT so; a web server may.
    asked.once("response", ({ statusCode = 0 }) => reject(faultOf(statusCode, proxy, target)));
    asked.once("error", () => reject(new ProxyError("nonsense", proxy, target)));
    asked.end();
  });
};

function authorization({ user, password }: ProxyAddress): Readonly<Record<string, string>> {
  if (user === null) return {};
  const credentials = Buffer.from(`${user}:${password ?? ""}`).toString("base64");
  return { "proxy-authorization": `Basic ${credentials}` };
}

function faultOf(statusCode: number, proxy: ProxyAddress, target: Target): ProxyError {
  const login: ProxyFault = proxy.user === null ? "login-wanted" : "login-refused";
  const faults: Readonly<Record<number, ProxyFault>> = {
    401: login,
    407: login,
    403: "forbidden",
    405: "nonsense",
  };
  const fault = faults[statusCode] ?? (statusCode >= 500 ? "server-unreachable" : "forbidden");
  return new ProxyError(fault, proxy, target, `HTTP status ${statusCode}`);
}
