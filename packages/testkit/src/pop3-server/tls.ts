import type { Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";
import { ConnectionGone } from "./output.ts";

/** The server's side of a TLS handshake. @throws ConnectionGone if the client ends or refuses it */
export function upgradeToTls(socket: Socket, secureContext: SecureContext): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secured = new TLSSocket(socket, { isServer: true, secureContext });
    secured.on("error", () => secured.destroy());
    secured.once("secure", () => resolve(secured));
    secured.once("close", () => reject(new ConnectionGone()));
  });
}
