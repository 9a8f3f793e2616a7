import type { MaildropSession } from "../ports/maildrop-session.ts";

/**
 * Sends QUIT after the last commit, and ignores all errors. Nothing was marked for deletion, so nothing depends on the
 * answer: a refusal, nonsense, or a connection that breaks or stalls then is not worth a report (rule 18).
 */
export async function quit(session: MaildropSession): Promise<void> {
  try {
    await session.quit();
  } catch {}
}
