import { codeOf, type Pop3Error } from "../errors/error.ts";
import { TlsFailedError } from "../errors/tls.ts";
import type { Dial } from "../options/connect-options.ts";
import { command } from "../protocol/command.ts";
import { Session, type SessionSettings } from "../session/pop3-session.ts";
import type { StepLimit } from "../transport/step-limit.ts";
import { openAnyTls, openPlain } from "../transport/transport.ts";

/** Which server to ask, and how to connect to it. */
export interface ProbeOptions extends SessionSettings {
  readonly dial: Dial | undefined;
  readonly stepLimit: StepLimit;
}

/** Whether a server that does not greet expects TLS. It makes a handshake and sends nothing else. Never rejects. */
export async function speaksTls({ peer, dial, stepLimit }: ProbeOptions): Promise<boolean> {
  try {
    const plain = await openPlain(peer.host, peer.port, dial, false, stepLimit);
    try {
      await openAnyTls(plain, peer.host, stepLimit);
      return true;
    } finally {
      plain.destroy();
    }
  } catch (error) {
    // A server that refuses the handshake in terms of TLS speaks TLS, too.
    const isTls = error instanceof TlsFailedError && error.problem !== "no-tls";
    return isTls && codeOf(error.cause)?.startsWith("ERR_SSL_") === true;
  }
}

/**
 * Finds out why a handshake failed: which version of TLS the server speaks if every version is allowed. It sends nothing
 * but STLS, and does not log in. Gives an error that says so, or the same failure where there is nothing to add. Never
 * rejects.
 */
export async function explainFailure(
  failure: TlsFailedError,
  wanted: string,
  options: ProbeOptions,
): Promise<Pop3Error> {
  const { host } = options.peer;
  if (failure.problem === "no-tls") return failure;
  const spoken = await spokenVersion(options).catch(() => null);
  return spoken === null ? failure : new TlsFailedError(host, failure.cause, { spoken, wanted });
}

async function spokenVersion({ dial, stepLimit, ...settings }: ProbeOptions): Promise<string | null> {
  const { host, port, security } = settings.peer;
  const plain = await openPlain(host, port, dial, false, stepLimit);
  if (security === "tls") {
    try {
      return (await openAnyTls(plain, host, stepLimit)).getProtocol();
    } finally {
      plain.destroy();
    }
  }
  const session = new Session(plain, { ...settings, onWire: undefined });
  try {
    await session.replies.readStatus();
    session.send(command("STLS"));
    await session.replies.readStatus();
    let version: string | null = null;
    await session.upgrade(async (unencrypted) => {
      const secure = await openAnyTls(unencrypted, host, stepLimit);
      version = secure.getProtocol();
      return secure;
    });
    return version;
  } finally {
    await session.close();
  }
}
