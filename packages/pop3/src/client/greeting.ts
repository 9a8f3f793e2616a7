import { TlsExpectedError } from "../errors/tls.ts";
import { longestMs } from "../options/connect-options.ts";
import type { StatusLine } from "../protocol/reply.ts";
import type { Session } from "../session/pop3-session.ts";
import { type ProbeOptions, speaksTls } from "./tls-probe.ts";

/**
 * Waits for the greeting. A server that expects TLS would not send one: after some silence a second connection finds out
 * whether it does, because the server of this one may only be slow. Throws TlsExpectedError if the server expects TLS,
 * and the error by which the session ends otherwise.
 */
export async function awaitGreeting(session: Session, options: ProbeOptions): Promise<StatusLine> {
  const { peer, timeouts, stepLimit } = options;
  const { silenceMs, preLoginMs, replyMs } = timeouts;
  if (peer.security === "tls" || silenceMs === Infinity) return session.replies.readStatus();
  const pauseMs = Math.min(silenceMs, preLoginMs / 2, replyMs / 2, longestMs);
  const over = new AbortController();
  const look = async (): Promise<void> => {
    const isTls = await speaksTls({ ...options, stepLimit: { ...stepLimit, signal: over.signal } });
    if (!isTls || over.signal.aborted) return;
    // Some servers take both, and wait for the client to say which it wants: such a one greets a little later.
    timer = setTimeout(() => session.end(new TlsExpectedError(peer.host, peer.port)), pauseMs / 2);
  };
  let timer = setTimeout(() => void look(), pauseMs);
  try {
    return await session.replies.readStatus();
  } finally {
    over.abort();
    clearTimeout(timer);
  }
}
