import type { MaildropSession } from "./ports/session.ts";
import type { RunState } from "./run-state.ts";

/** QUIT after the last commit. Should the connection break at it, nothing is lost; the server may list more than else. */
export async function quit(run: RunState, session: MaildropSession): Promise<void> {
  try {
    await session.quit();
  } catch {
    run.report.warn("quit-failed", "the connection broke at QUIT; everything was committed before");
  }
}
