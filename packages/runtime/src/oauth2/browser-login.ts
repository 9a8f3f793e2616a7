import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { OAUTH2_PRESETS } from "../account/oauth2-presets.ts";
import { FailureError } from "../failure/failure-error.ts";
import type { AuthorizationServer } from "./authorization-server.ts";
import type { Grant } from "./grant.ts";

/** What a person must do in a browser that reaches this machine's loopback address. */
export interface BrowserPrompt {
  readonly url: string;
  /** The port of this machine that the browser comes back to. */
  readonly port: number;
}

/** How to log in by browser. */
export interface BrowserLoginOptions {
  /** Whom the provider should suggest. */
  readonly user: string;
  readonly onPrompt: (prompt: BrowserPrompt) => void | Promise<void>;
  /** To listen on; 0, the default, is any. */
  readonly port?: number;
  /** Lines that a person types: one of them may be the address at which a browser elsewhere ended. */
  readonly typed?: AsyncIterable<string>;
  /** Called for each other line. */
  readonly onWrongLine?: () => void;
  /** How long the browser is waited for; 10 minutes if absent. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The authorization code flow with PKCE for applications on a machine of the user's (RFC 8252): listens on the loopback
 * address only, and takes one answer, with the right state.
 * @throws FailureError: `denied` if it was denied or nobody came in time, `unavailable` if the port is taken; the signal's reason
 */
export async function logInByBrowser(
  server: AuthorizationServer,
  options: BrowserLoginOptions,
): Promise<Grant> {
  const { user, onPrompt, signal, timeoutMs = 600_000, typed, onWrongLine } = options;
  const { provider, scopes } = server.settings;
  const preset = provider === null ? null : OAUTH2_PRESETS[provider];
  const expiry = AbortSignal.timeout(timeoutMs);
  const ending = signal === undefined ? expiry : AbortSignal.any([signal, expiry]);
  const secret = await server.try(async (client) => {
    const verifier = client.randomPKCECodeVerifier();
    return {
      state: client.randomState(),
      verifier,
      challenge: await client.calculatePKCECodeChallenge(verifier),
    };
  });
  await using loopback = await listen(options.port ?? 0, secret.state);
  const redirectUri = `http://${preset?.redirectHost ?? "127.0.0.1"}:${loopback.port}/`;
  const url = await server.try(async (client, configuration) =>
    client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      ...(scopes.length === 0 ? {} : { scope: scopes.join(" ") }),
      state: secret.state,
      code_challenge: secret.challenge,
      code_challenge_method: "S256",
      login_hint: user,
      // OpenID Connect Core section 11: without consent there may be no refresh token.
      ...(preset === null && scopes.includes("offline_access") ? { prompt: "consent" } : {}),
      ...preset?.authorizationParameters,
    }),
  );
  await onPrompt({ url: url.href, port: loopback.port });
  const answers = [loopback.answer];
  if (typed !== undefined) answers.push(typedAnswer(typed, secret.state, onWrongLine));
  const answer = await Promise.race([...answers, aborted(ending)]).catch((error: unknown) => {
    signal?.throwIfAborted();
    if (!expiry.aborted) throw error;
    throw new FailureError(
      "login-expired",
      `no browser came back in time: run 'mailonce login ${server.account}' again`,
      "denied",
    );
  });
  const callback = new URL(answer.search, redirectUri);
  try {
    const grant = await server.ask(
      (client, configuration) =>
        client.authorizationCodeGrant(configuration, callback, {
          pkceCodeVerifier: secret.verifier,
          expectedState: secret.state,
        }),
      [callback.searchParams.get("code"), secret.verifier, secret.state],
    );
    await answer.show(
      "You are logged in",
      "You may close this page: the rest happens where you ran mailonce login.",
    );
    return grant;
  } catch (error) {
    await answer.show("That did not work", "See what mailonce login says.");
    throw error;
  }
}

/** What the browser brought back, and how to show the outcome in it. */
interface Answer {
  readonly search: string;
  show(title: string, text: string): Promise<void>;
}

/** Waits for a line with the address that a person copied from the browser. Never resolves if there is none. */
async function typedAnswer(
  lines: AsyncIterable<string>,
  state: string,
  onWrongLine: (() => void) | undefined,
): Promise<Answer> {
  for await (const line of lines) {
    const text = line.trim();
    if (text === "") continue;
    const { search } = URL.canParse(text) ? new URL(text) : { search: "" };
    if (hasState(search, state)) return { search, show: async () => {} };
    onWrongLine?.();
  }
  return new Promise(() => {});
}

interface Loopback extends AsyncDisposable {
  readonly port: number;
  readonly answer: Promise<Answer>;
}

async function listen(port: number, state: string): Promise<Loopback> {
  let resolve: (answer: Answer) => void = () => {};
  const answer = new Promise<Answer>((settle) => {
    resolve = settle;
  });
  // Loaded here, not before: no other command needs it.
  const { createServer } = await import("node:http");
  const server = createServer((request, response) => {
    const search = searchOf(request, state);
    if (search === null) void show(response, 404, "Not found", "Nothing is waiting here.");
    else resolve({ search, show: (title, text) => show(response, 200, title, text) });
  });
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new FailureError(
      "port-taken",
      `cannot listen on port ${port} of this machine for the browser's answer (${code}): choose another --port`,
      "unavailable",
    );
  }
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    answer,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The query of the redirect; null for anything else that comes along: it cannot know the state. */
function searchOf({ method, url = "" }: IncomingMessage, state: string): string | null {
  if (method !== "GET" || !url.startsWith("/?")) return null;
  const search = url.slice(1);
  return hasState(search, state) ? search : null;
}

function hasState(search: string, state: string): boolean {
  return new URLSearchParams(search).get("state") === state;
}

async function show(response: ServerResponse, status: number, title: string, text: string): Promise<void> {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'",
    "referrer-policy": "no-referrer",
    connection: "close",
  });
  const ended = once(response, "close");
  response.end(`<!doctype html><title>Mailonce</title><h1>${title}</h1><p>${text}</p>\n`);
  await ended;
}

async function aborted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, "abort");
  throw signal.reason;
}
