import { Pop3Client } from "./client.ts";
import { GreetingRefusedError } from "./errors/refusal.ts";
import { StlsNotOfferedError } from "./errors/tls.ts";
import { InvalidArgumentError } from "./errors/usage.ts";
import { readCapabilities } from "./exchange.ts";
import { type Pop3Options, timeoutsOf } from "./options.ts";
import { checkPins } from "./pins.ts";
import type { Capabilities } from "./protocol/capabilities.ts";
import { command } from "./protocol/command.ts";
import { defaultLimits } from "./protocol/limits.ts";
import { parseApopTimestamp } from "./protocol/status.ts";
import { Session } from "./session.ts";
import { channelBindings, openPlain, openTls, type Patience } from "./transport.ts";

/**
 * Connects. When it resolves the server has greeted, TLS stands as asked, and the capabilities are read (unless they
 * are known); nobody is logged in. Throws a Pop3Error: ConnectFailedError, TlsUntrustedError, TlsFailedError,
 * StlsNotOfferedError, StlsInjectionError, NotPop3Error, GreetingRefusedError, TimeoutError, AbortedError,
 * ConnectionClosedError.
 */
export async function connect(options: Pop3Options): Promise<Pop3Client> {
  const { host, security, tls = {}, signal } = options;
  if (security !== "tls" && security !== "stls" && security !== "plain") {
    throw new InvalidArgumentError('security must be "tls", "stls" or "plain"');
  }
  checkPins(tls);
  const timeouts = timeoutsOf(options.timeouts ?? {});
  const limits = { ...defaultLimits, ...options.limits };
  const patience: Patience = { ms: timeouts.connectMs, signal };
  const port = options.port ?? (security === "tls" ? 995 : 110);
  const plain = await openPlain(host, port, options.dial, security === "plain", patience);
  let stream = security === "tls" ? await openTls(plain, host, tls, patience) : plain;
  const session = new Session(stream, {
    limits,
    timeouts,
    onWire: options.onWire,
    signal,
    peer: { host, port, security },
  });
  try {
    const greeting = await session.replies.readStatus();
    if (!greeting.ok) throw new GreetingRefusedError(greeting);
    const known = options.knownCapabilities ?? null;
    if (security === "stls") {
      await requireStls(session, known === null ? await readCapabilities(session) : null);
      await session.upgrade(async (unencrypted) => {
        stream = await openTls(unencrypted, host, tls, patience);
        return stream;
      });
    }
    // RFC 2595 section 4: what was learnt before TLS counts for nothing.
    const capabilities = known ?? (await readCapabilities(session));
    const text = greeting.statusText;
    const apopTimestamp = parseApopTimestamp(text);
    return new Pop3Client(session, {
      host,
      port,
      greeting: { text, apopTimestamp },
      capabilities,
      isAsked: known === null,
      encrypted: security !== "plain",
      bindings: channelBindings(stream),
      pipelining: options.pipelining ?? null,
      utf8Wanted: options.utf8 ?? true,
    });
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Throws StlsNotOfferedError. A server without CAPA, or whose capabilities were not read, is simply asked. */
async function requireStls(session: Session, capabilities: Capabilities | null): Promise<void> {
  if (capabilities?.has("STLS") === false) throw new StlsNotOfferedError("the server does not offer STLS");
  session.send(command("STLS"));
  const status = await session.replies.readStatus();
  if (!status.ok) throw new StlsNotOfferedError(`STLS was refused: -ERR ${status.statusText}`);
}
