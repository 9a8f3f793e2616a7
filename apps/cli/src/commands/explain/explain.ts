import { CriteriaSyntaxError, compileCriteria, type QueryCriteria } from "@mailonce/core";
import { failureOf } from "@mailonce/runtime";
import type { MailOptions } from "../../accounts/mail-options.ts";
import type { Invocation } from "../../input/invocation.ts";
import { usageError } from "../../input/usage-error.ts";
import { EXIT, type ExitCode } from "../../output/exit-code.ts";
import { noteFailure } from "../../output/note-error.ts";
import { explainAccounts } from "./explain-accounts.ts";
import { explainFiles } from "./explain-files.ts";
import { explainStored } from "./explain-stored.ts";
import { Explanations } from "./explanations.ts";

interface ExplainCommandOptions extends MailOptions {
  readonly file?: readonly string[];
  readonly stored?: boolean;
  readonly limit?: number;
}

/** `mailonce explain [--where QUERY] [ACCOUNT…]` */
export async function explainCriteria(
  places: readonly string[],
  options: ExplainCommandOptions,
  invocation: Invocation,
): Promise<ExitCode> {
  const { terminal, env } = invocation;
  try {
    const criteria = options.where === undefined ? null : compileCriteria(options.where);
    const explanations = new Explanations(terminal, options.json === true);
    if (options.file !== undefined) await explainFiles(options.file, given(criteria), explanations);
    else if (options.stored === true)
      await explainStored(places, given(criteria), options, env, explanations);
    else if (places.length > 0) await explainAccounts(places, criteria, options, invocation, explanations);
    else await explanations.query(given(criteria));
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof CriteriaSyntaxError)) throw error;
    const failure = failureOf(error);
    noteFailure(terminal, failure, error);
    return EXIT[failure.kind];
  }
}

function given(criteria: QueryCriteria | null): QueryCriteria {
  if (criteria !== null) return criteria;
  throw usageError(
    "no-criteria",
    "there is nothing to explain: give a query with --where, or an account that has one",
  );
}
