import { type CommandContext, readCommand } from "../../definition/context.ts";
import { DATABASE_HELP } from "../../help/texts.ts";

/** database status and migrate. */
export function addDatabaseCommands(context: CommandContext): void {
  const database = context.program
    .command("database")
    .description("look at the database, and bring its tables up to date")
    .helpCommand(false)
    .addHelpText("after", DATABASE_HELP);

  readCommand(
    database,
    "status",
    "say what it is, how it is reached, and what migrate would do; changes nothing",
  ).action(async (options) => {
    const { showDatabase } = await import("./database.ts");
    context.end(await showDatabase(options, context.invocation));
  });

  readCommand(database, "migrate", "make its tables, or bring those of an older version up to date").action(
    async (options) => {
      const { migrateDatabase } = await import("./database.ts");
      context.end(await migrateDatabase(options, context.invocation));
    },
  );
}
