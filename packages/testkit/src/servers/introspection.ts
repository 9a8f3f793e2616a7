import { once } from "node:events";
import { createServer } from "node:http";

/** An OAuth 2 token introspection endpoint (RFC 7662) on a free port of 127.0.0.1. */
export interface Introspection extends AsyncDisposable {
  readonly url: string;
  /** Tokens that are active, and whose they are. May be changed. */
  readonly tokens: Map<string, string>;
  /** Tokens that were asked about, oldest first. */
  readonly asked: readonly string[];
}

/** Starts one that knows these tokens; Dovecot asks it by `introspection_mode = post`. */
export async function startIntrospection(tokens: ReadonlyMap<string, string>): Promise<Introspection> {
  const active = new Map(tokens);
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const token = new URLSearchParams(body).get("token") ?? "";
    asked.push(token);
    const username = active.get(token);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(username === undefined ? { active: false } : { active: true, username }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}/introspect`,
    tokens: active,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
