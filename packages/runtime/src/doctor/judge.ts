import { type Ending, worstEnding } from "../failure/failure-kind.ts";
import { databaseFindings } from "./database-findings.ts";
import type { DoctorFacts } from "./facts.ts";
import { type Finding, type Verdict, worstVerdict } from "./finding.ts";
import { lineFindings } from "./line-findings.ts";
import { listingFindings } from "./listing-findings.ts";
import { providerFindings } from "./provider-findings.ts";
import { serverFindings } from "./server-findings.ts";

/** What a doctor says of an account. */
export interface Judgement {
  /** The worst of the findings. */
  readonly verdict: Verdict;
  /** How a fetch would end now, as far as can be said: `done` unless something is bad. */
  readonly ending: Ending;
  readonly findings: readonly Finding[];
}

/** Judges what an examination found; the same facts always give the same findings, in the order of an examination. */
export function judge(facts: DoctorFacts, context: JudgeContext): Judgement {
  const findings = [
    ...lineFindings(facts, context.now),
    ...serverFindings(facts),
    ...listingFindings(facts),
    ...databaseFindings(facts),
    ...providerFindings(facts, context.advice),
    ...(context.more ?? []),
  ];
  return {
    verdict: worstVerdict(findings),
    ending: worstEnding(findings.map(({ ending }) => ending)),
    findings,
  };
}

/** What a judgement depends on besides the facts. */
export interface JudgeContext {
  readonly now: Date;
  /** Advice about the provider: see profileAdvice. */
  readonly advice: readonly { readonly code: string; readonly message: string }[];
  /** Further findings of the caller. They come last, and count as the others do. */
  readonly more?: readonly Finding[];
}
