import type { Ending } from "../failure/failure-kind.ts";

/** `ok`: as it should be. `look`: it works, and a person should know. `bad`: a fetch fails, or will soon. */
export type Verdict = "ok" | "look" | "bad";

/** One line of a doctor's report. */
export interface Finding {
  /** What it is about; stable, lower case with hyphens. */
  readonly topic: string;
  readonly verdict: Verdict;
  /** One sentence. */
  readonly message: string;
  /** What to do; null where there is nothing to be done. */
  readonly advice: string | null;
  /** How a fetch ends because of it: `done` unless it is bad. */
  readonly ending: Ending;
}

/** As it should be. */
export function ok(topic: string, message: string, advice: string | null = null): Finding {
  return { topic, verdict: "ok", message, advice, ending: "done" };
}

/** It works, and a person should know. */
export function look(topic: string, message: string, advice: string | null): Finding {
  return { topic, verdict: "look", message, advice, ending: "done" };
}

/** A fetch fails. */
export function bad(topic: string, message: string, advice: string | null, ending: Ending): Finding {
  return { topic, verdict: "bad", message, advice, ending };
}

const WORST_FIRST: readonly Verdict[] = ["bad", "look", "ok"];

/** The worst of several. */
export function worstVerdict(findings: readonly Finding[]): Verdict {
  return WORST_FIRST.find((verdict) => findings.some((one) => one.verdict === verdict)) ?? "ok";
}
