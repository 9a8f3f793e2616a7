import {
  inspectDatabase,
  migrationInWords,
  type StoreInspection,
  storeFindings,
} from "@mailonce/runtime/doctor";
import type { CommonOptions } from "../../accounts/accounts-file.ts";
import type { Invocation } from "../../input/invocation.ts";
import { EXIT, type ExitCode } from "../../output/exit-code.ts";
import { safeLine } from "../../output/safe-text.ts";
import { chosenDatabase } from "../../store/open-store.ts";

type State = StoreInspection["schema"]["state"];

const STATES: Readonly<Record<State, string>> = {
  missing: "there are no tables yet",
  outdated: "the tables are an older version's",
  current: "the tables are up to date",
  newer: "a later version of Mailonce has made or changed the tables; this one writes nothing into them",
};

const EXIT_CODES: Readonly<Record<State, ExitCode>> = {
  missing: EXIT.partial,
  outdated: EXIT.partial,
  current: EXIT.done,
  newer: EXIT.config,
};

/** `mailonce database status` */
export async function showDatabase(options: CommonOptions, { terminal, env }: Invocation): Promise<ExitCode> {
  const inspection = await inspectDatabase(await chosenDatabase(options, env), env);
  const { place, schema, server } = inspection;
  const exitCode = EXIT_CODES[schema.state];
  if (options.json === true) {
    const { state, done, due, unknown } = schema;
    await terminal.json({ type: "database", place, state, done, due, unknown, server, exitCode });
    return exitCode;
  }
  await terminal.line(`${terminal.bold(safeLine(place))}: ${STATES[schema.state]}.`);
  for (const { message, advice } of storeFindings(inspection)) {
    await terminal.line(`  ${safeLine(message)}${advice === null ? "" : ` -> ${safeLine(advice)}`}`);
  }
  for (const [mark, names] of [
    ["done", schema.done],
    ["due", schema.due],
    ["later", schema.unknown],
  ] as const)
    for (const name of names)
      await terminal.line(`  ${mark.padEnd(5)}  ${safeLine(await migrationInWords(name))}`);
  if (exitCode === EXIT.partial)
    terminal.note("'mailonce database migrate' does what is due; so does the next fetch.");
  return exitCode;
}
