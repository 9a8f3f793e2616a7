import { openDatabase } from "@mailonce/runtime";
import { inspectDatabase, migrationInWords } from "@mailonce/runtime/doctor";
import type { CommonOptions } from "../../accounts/accounts-file.ts";
import type { Invocation } from "../../input/invocation.ts";
import { safeLine } from "../../output/safe-text.ts";
import { chosenDatabase } from "../../store/open-store.ts";

/** `mailonce database migrate` */
export async function migrateDatabase(options: CommonOptions, { terminal, env }: Invocation): Promise<void> {
  const url = await chosenDatabase(options, env);
  const { due } = (await inspectDatabase(url, env)).schema;
  // If another process migrates at the same time this waits until it has done so.
  await using store = await openDatabase(url, env);
  const place = store.describe();
  if (options.json === true) {
    await terminal.json({ type: "database-migration", place, done: due });
    return;
  }
  for (const name of due) await terminal.line(`  done   ${safeLine(await migrationInWords(name))}`);
  const what = due.length === 0 ? "was up to date already" : "is up to date now";
  await terminal.line(`${terminal.bold(safeLine(place))} ${what}.`);
}
