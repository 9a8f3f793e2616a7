import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { FailureError } from "@mailonce/runtime";

/** Within these times the head of a request, and the whole request, must have arrived. */
const HEAD_MS = 5000;
const REQUEST_MS = 10_000;
/** A connection on which nothing moves, in either direction, for so long is closed. */
const IDLE_MS = 10_000;
/** So many connections at the same time; who comes besides is turned away. */
const MOST_CONNECTIONS = 100;

/** What is served, besides the fact that the process answers at all. */
export interface Status {
  /** Why no work is done at present, a sentence each; none if all is well. */
  readonly troubles: () => Promise<readonly string[]>;
  /** What somebody should see to although work is done, a sentence each. */
  readonly notes: () => readonly string[];
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

/** `/healthz` (the process lives), `/readyz` (it can work) and `/metrics` over HTTP. No secret is in any of them. */
export class StatusServer implements AsyncDisposable {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @throws FailureError (`config`) if it cannot listen there */
  static async start(
    { host, port }: { readonly host: string; readonly port: number },
    status: Status,
  ): Promise<StatusServer> {
    const limits = {
      headersTimeout: HEAD_MS,
      requestTimeout: REQUEST_MS,
      // How often Node looks for requests that take longer. Its default is 30 s.
      connectionsCheckingInterval: 1000,
      keepAliveTimeout: HEAD_MS,
    };
    const server = createServer(limits, (request, response) => {
      void answer(request.method ?? "", request.url ?? "", status).then(({ code, type, text }) => {
        response.writeHead(code, { "content-type": type, "cache-control": "no-store" });
        response.end(request.method === "HEAD" ? "" : text);
      });
    });
    server.setTimeout(IDLE_MS);
    server.maxConnections = MOST_CONNECTIONS;
    server.listen(port, host);
    try {
      await once(server, "listening");
    } catch (error) {
      const { code = "error" } = error as NodeJS.ErrnoException;
      throw new FailureError("listen", `cannot listen on ${host} port ${port} (${code})`, "config");
    }
    // A client that keeps its connection open must not keep the process alive.
    server.unref();
    return new StatusServer(server);
  }

  /** Where it listens: the port that was asked for, or a free one for 0. */
  get address(): string {
    const { address, port, family } = this.#server.address() as AddressInfo;
    return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

interface Answer {
  readonly code: number;
  readonly type: string;
  readonly text: string;
}

const plain = (code: number, text: string): Answer => {
  return { code, type: "text/plain; charset=utf-8", text: `${text}\n` };
};

async function answer(method: string, url: string, { troubles, notes, metrics }: Status): Promise<Answer> {
  if (method !== "GET" && method !== "HEAD") return plain(405, "GET only");
  try {
    switch (url.split("?")[0]) {
      case "/healthz":
        return plain(200, "ok");
      case "/readyz": {
        const found = await troubles();
        const isReady = found.length === 0;
        return plain(isReady ? 200 : 503, [...(isReady ? ["ok"] : found), ...notes()].join("\n"));
      }
      case "/metrics": {
        const { contentType, text } = await metrics();
        return { code: 200, type: contentType, text };
      }
      default:
        return plain(404, "there are /healthz, /readyz and /metrics");
    }
  } catch {
    return plain(500, "failed");
  }
}
