import { inspectDatabase, migrationInWords, openDatabase } from "@mailonce/runtime";
import type { CommonOptions } from "../../accounts/accounts-file.ts";
import { EXIT, type ExitCode } from "../../exit-code.ts";
import type { Invocation } from "../../input/invocation.ts";
import { jsonLine } from "../../output/json-lines.ts";
import { safeLine } from "../../output/safe-text.ts";
import { chosenDatabase } from "../../store/open-store.ts";

/** `mailonce database migrate` */
export async function migrateDatabase(
  options: CommonOptions,
  { terminal, env }: Invocation,
): Promise<ExitCode> {
  const url = await chosenDatabase(options, env);
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
