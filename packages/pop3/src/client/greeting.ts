import { TlsExpectedError } from "../errors/tls.ts";
import { longestMs } from "../options/options.ts";
import type { StatusLine } from "../protocol/reply.ts";
import type { Session } from "../session/session.ts";
import { type ProbeOptions, speaksTls } from "./tls-probe.ts";

/**
 * The greeting of a server to which nothing was said. One that waits for TLS would be waited for in vain: after some
 * silence that is found out, by another connection, since this one may be to a server that is only slow. Throws
 * TlsExpectedError and whatever ends the session.
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
    // Some guess by what the client says first which server is meant, and wait for it in vain.
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
