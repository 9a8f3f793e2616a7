import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { TLSSocket, type TLSSocketOptions } from "node:tls";

/** One connection as the server sees it. */
export interface Peer {
  readonly socket: Socket;
  /** Every line received on this connection, in the clear. */
  readonly lines: string[];
  write(text: string | Uint8Array): void;
  /** Ends the connection after what was written. */
  hangUp(): void;
  /** Goes over to TLS. */
  secure(): void;
}

/**
 * What a server does with a command: text is written; undefined falls through to a plain well-behaved server.
 */
export type Answer = (line: string, peer: Peer) => string | Uint8Array | undefined;

export interface TestServer extends AsyncDisposable {
  readonly port: number;
  readonly peers: Peer[];
  /** Every line of every connection. */
  readonly lines: string[];
  /** Resolves when every connection so far is closed. */
  closed(): Promise<void>;
}

export interface ServerOptions {
  readonly greeting?: string | Uint8Array;
  readonly capabilities?: readonly string[] | null;
  readonly answer?: Answer;
  readonly certificate?: Pick<
    TLSSocketOptions,
    "cert" | "key" | "minVersion" | "maxVersion" | "ciphers" | "ca" | "requestCert"
  >;
  /** TLS from the first octet; needs a certificate. */
  readonly implicitTls?: boolean;
  readonly onConnect?: (peer: Peer) => void;
}

const nothing: Answer = () => undefined;

/** A small POP3 server on loopback, on a port of the system's choice. */
export async function serve({
  greeting = "+OK ready\r\n",
  capabilities = ["USER", "UIDL", "TOP", "PIPELINING"],
  answer = nothing,
  certificate,
  implicitTls = false,
  onConnect = () => undefined,
}: ServerOptions = {}): Promise<TestServer> {
  const peers: Peer[] = [];
  const sockets: Socket[] = [];
  const usual = (line: string, peer: Peer): string => {
    const verb = line.split(" ")[0];
    if (verb === "CAPA") {
      return capabilities === null ? "-ERR what?\r\n" : `+OK\r\n${capabilities.join("\r\n")}\r\n.\r\n`;
    }
    if (verb === "QUIT") peer.socket.end("+OK bye\r\n");
    return verb === "QUIT" ? "" : "+OK\r\n";
  };
  const server = createServer((raw) => {
    sockets.push(raw);
    raw.on("error", () => undefined);
    const lines: string[] = [];
    const listen = (socket: Socket): Peer => {
      let rest = "";
      const peer: Peer = {
        socket,
        lines,
        write: (text) => void socket.write(text),
        hangUp: () => void socket.end(),
        secure: () => {
          socket.removeAllListeners("data");
          start(socket);
        },
      };
      socket.on("data", (chunk: Buffer) => {
        rest += chunk.toString("latin1");
        for (let lf = rest.indexOf("\n"); lf >= 0; lf = rest.indexOf("\n")) {
          const line = rest.slice(0, lf).replace(/\r$/, "");
          rest = rest.slice(lf + 1);
          lines.push(line);
          peer.write(answer(line, peer) ?? usual(line, peer));
        }
      });
      return peer;
    };
    const start = (socket: Socket): Peer => {
      if (certificate === undefined) throw new Error("no certificate");
      const secure = new TLSSocket(socket, { isServer: true, ...certificate });
      secure.on("error", () => undefined);
      // A client that leaves in the handshake would otherwise keep it open: the greeting waits to be written.
      secure.once("end", () => socket.destroy());
      return listen(secure);
    };
    const peer = implicitTls ? start(raw) : listen(raw);
    peers.push(peer);
    onConnect(peer);
    peer.write(greeting);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    peers,
    get lines() {
      return peers.flatMap((peer) => peer.lines);
    },
    closed: async () => {
      // Not by `once`, which rejects where the client has gone with octets unread.
      const end = (socket: Socket) => new Promise<void>((resolve) => socket.once("close", () => resolve()));
      await Promise.all(sockets.map((socket) => (socket.closed ? undefined : end(socket))));
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
