import type { MaildropSession } from "../ports/maildrop-session.ts";

/**
 * QUIT after the last commit. Nothing was marked for deletion, so nothing hangs on the answer: neither a refusal, nor
 * nonsense, nor a connection that breaks or stalls at it is worth a word.
 */
export async function quit(session: MaildropSession): Promise<void> {
  try {
    await session.quit();
  } catch {}
}
