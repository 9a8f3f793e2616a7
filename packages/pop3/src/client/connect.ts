import { GreetingRefusedError } from "../errors/refusal.ts";
import { StlsNotOfferedError, TlsFailedError } from "../errors/tls.ts";
import {
  defaultMinVersion,
  type Pop3Options,
  type TlsOptions,
  timeoutsOf,
} from "../options/connect-options.ts";
import { checkOptions } from "../options/connect-rules.ts";
import type { Capabilities } from "../protocol/capabilities.ts";
import { command } from "../protocol/command.ts";
import { limitsOf } from "../protocol/limits.ts";
import { parseApopTimestamp } from "../protocol/status.ts";
import type { DiagnosticsPeer } from "../session/diagnostics.ts";
import { readCapabilities } from "../session/exchange.ts";
import { Session } from "../session/pop3-session.ts";
import { checkPins } from "../transport/pins.ts";
import type { StepLimit } from "../transport/step-limit.ts";
import { channelBindings, openPlain, openTls } from "../transport/transport.ts";
import { awaitGreeting } from "./greeting.ts";
import { Pop3Client } from "./pop3-client.ts";
import { explainFailure, type ProbeOptions } from "./tls-probe.ts";

/**
 * Connects. When it resolves, the server has greeted, TLS is in place as asked, and the capabilities are read (unless they
 * are known); nobody is logged in. Throws a Pop3Error: ConnectFailedError, TlsUntrustedError, TlsFailedError,
 * TlsExpectedError, StlsNotOfferedError, StlsInjectionError, NotPop3Error, GreetingRefusedError, TimeoutError, AbortedError,
 * ConnectionClosedError; InvalidArgumentError for an option that does not exist, or a value that it cannot have.
 */
export async function connect(options: Pop3Options): Promise<Pop3Client> {
  checkOptions(options);
  const { host, security, tls = {}, signal, dial, onWire } = options;
  checkPins(tls);
  const timeouts = timeoutsOf(options.timeouts ?? {});
  const limits = limitsOf(options.limits ?? {});
  const port = options.port ?? (security === "tls" ? 995 : 110);
  const peer: DiagnosticsPeer = { host, port, security };
  const stepLimit: StepLimit = { ms: timeouts.connectMs, signal };
  const settings: ProbeOptions = { limits, timeouts, onWire, signal, peer, dial, stepLimit };
  try {
    return await open(options, tls, settings);
  } catch (error) {
    if (!(error instanceof TlsFailedError)) throw error;
    throw await explainFailure(error, tls.minVersion ?? defaultMinVersion, settings);
  }
}

async function open(options: Pop3Options, tls: TlsOptions, settings: ProbeOptions): Promise<Pop3Client> {
  const { peer, dial, stepLimit } = settings;
  const { host, port, security } = peer;
  const plain = await openPlain(host, port, dial, security === "plain", stepLimit);
  let stream = security === "tls" ? await openTls(plain, host, tls, stepLimit) : plain;
  const session = new Session(stream, settings);
  try {
    const greeting = await awaitGreeting(session, settings);
    if (!greeting.ok) throw new GreetingRefusedError(greeting);
    const known = options.knownCapabilities ?? null;
    if (security === "stls") {
      await requireStls(session, known === null ? await readCapabilities(session) : null);
      await session.upgrade(async (unencrypted) => {
        stream = await openTls(unencrypted, host, tls, stepLimit);
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
      capabilitiesAsked: known === null,
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

/** Sends STLS. Throws StlsNotOfferedError if the capabilities (null: not known) do not list it, or it is refused. */
async function requireStls(session: Session, capabilities: Capabilities | null): Promise<void> {
  if (capabilities?.has("STLS") === false) throw new StlsNotOfferedError("the server does not offer STLS");
  session.send(command("STLS"));
  const status = await session.replies.readStatus();
  if (!status.ok) throw new StlsNotOfferedError(`STLS was refused: -ERR ${status.statusText}`);
}
