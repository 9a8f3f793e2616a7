import {
  databaseUrl,
  EXIT,
  type ExitCode,
  inspectDatabase,
  migrationInWords,
  openDatabase,
  type StoreInspection,
  storeFindings,
} from "@mailonce/runtime";
import { jsonLine } from "../../output/json-lines.ts";
import { safeLine } from "../../output/safe-text.ts";
import type { Invocation } from "../../program.ts";
import { findAccountsFile, type PlaceOptions } from "../../store/open-store.ts";

/** The options of the commands of `database`. */
export interface DatabaseOptions extends PlaceOptions {
  readonly json?: boolean;
}

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
export async function showDatabase(
  options: DatabaseOptions,
  { terminal, env }: Invocation,
): Promise<ExitCode> {
  const inspection = await inspectDatabase(await urlOf(options, env), env);
  const { place, schema, server } = inspection;
  const exitCode = EXIT_CODES[schema.state];
  if (options.json === true) {
    const { state, done, due, unknown } = schema;
    await terminal.write(jsonLine({ type: "database", place, state, done, due, unknown, server, exitCode }));
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

/** `mailonce database migrate` */
export async function migrateDatabase(
  options: DatabaseOptions,
  { terminal, env }: Invocation,
): Promise<ExitCode> {
  const url = await urlOf(options, env);
  const { due } = (await inspectDatabase(url, env)).schema;
  // Whoever else migrates at the same time is waited for.
  await using store = await openDatabase(url, env);
  const place = store.describe();
  if (options.json === true) {
    await terminal.write(jsonLine({ type: "database-migration", place, done: due }));
    return EXIT.done;
  }
  for (const name of due) await terminal.line(`  done   ${safeLine(await migrationInWords(name))}`);
  const what = due.length === 0 ? "was up to date already" : "is up to date now";
  await terminal.line(`${terminal.bold(safeLine(place))} ${what}.`);
  return EXIT.done;
}

async function urlOf(options: DatabaseOptions, env: NodeJS.ProcessEnv): Promise<string> {
  return databaseUrl(env, options.database, await findAccountsFile(options, env));
}
