import { addAccountsCommands } from "./commands/accounts/command.ts";
import { addBaselineCommand } from "./commands/baseline/command.ts";
import { addCheckCommand } from "./commands/check/command.ts";
import { addCompletionCommands } from "./commands/completion/command.ts";
import { addConfigCommands } from "./commands/config/command.ts";
import { addDatabaseCommands } from "./commands/database/command.ts";
import { addDeferredCommands } from "./commands/deferred/command.ts";
import { addDoctorCommand } from "./commands/doctor/command.ts";
import { addExplainCommand } from "./commands/explain/command.ts";
import { addExportCommand } from "./commands/export/command.ts";
import { addFetchCommand } from "./commands/fetch/command.ts";
import { addHelpCommand } from "./commands/help/command.ts";
import { addIndexCommand } from "./commands/index/command.ts";
import { addInitCommand } from "./commands/init/command.ts";
import { addListCommand } from "./commands/list/command.ts";
import { addLoginCommand } from "./commands/login/command.ts";
import { addLogoutCommand } from "./commands/logout/command.ts";
import { addMaildropCommands } from "./commands/maildrop/command.ts";
import { addOutboxCommands } from "./commands/outbox/command.ts";
import { addSearchCommand } from "./commands/search/command.ts";
import { addShowCommand } from "./commands/show/command.ts";
import type { CommandContext } from "./definition/context.ts";

/** Adds every command there is, in the order in which the help lists them. What one does is loaded when it is called. */
export function addCommands(context: CommandContext): void {
  addFetchCommand(context);
  addCheckCommand(context);
  addBaselineCommand(context);
  addDoctorCommand(context);
  addInitCommand(context);
  addConfigCommands(context);
  addMaildropCommands(context);
  addDatabaseCommands(context);
  addExplainCommand(context);
  addDeferredCommands(context);
  addListCommand(context);
  addSearchCommand(context);
  addShowCommand(context);
  addExportCommand(context);
  addIndexCommand(context);
  addLoginCommand(context);
  addLogoutCommand(context);
  addAccountsCommands(context);
  addOutboxCommands(context);
  addCompletionCommands(context);
  addHelpCommand(context);
}
