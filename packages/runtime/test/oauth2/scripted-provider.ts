import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";

/** What a provider answers. */
export interface ScriptedAnswer {
  readonly status?: number;
  /** Text as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The connection is closed instead. */
  readonly drop?: boolean;
}

/** An HTTP server that says what a test wants where no real provider would. */
export interface ScriptedProvider extends AsyncDisposable {
  readonly issuer: string;
  /** `METHOD /path` of every request. */
  readonly requests: readonly string[];
}

/** @param answer by path and the fields of the form */
export async function startScriptedProvider(
  answer: (path: string, form: URLSearchParams, issuer: string) => ScriptedAnswer,
): Promise<ScriptedProvider> {
  const requests: string[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const path = request.url ?? "";
    requests.push(`${request.method} ${path}`);
    const { status = 200, body: content, headers, drop } = answer(path, new URLSearchParams(body), issuer);
    if (drop === true) {
      request.socket.destroy();
      return;
    }
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(typeof content === "string" ? content : JSON.stringify(content ?? {}));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const issuer = `http://127.0.0.1:${address.port}`;
  return {
    issuer,
    requests,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Metadata with all endpoints. */
export function metadataOf(issuer: string): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    device_authorization_endpoint: `${issuer}/device`,
    revocation_endpoint: `${issuer}/revoke`,
    response_types_supported: ["code"],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
  };
}
