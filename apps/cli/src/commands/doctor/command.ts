import type { CommandContext } from "../../definition/context.ts";
import { reachingCommand } from "../../definition/mail-command.ts";
import { DOCTOR_HELP } from "../../help/texts.ts";

/** doctor. */
export function addDoctorCommand({ program, invocation, end }: CommandContext): void {
  reachingCommand(
    program,
    "doctor",
    "examine server, login, listing and database, and say what is wrong with them",
  )
    .option("--no-retrieve", "retrieve no message for a trial: some servers mark what is retrieved as read")
    .option(
      "--save-certificate <FILE>",
      "write what must be trusted for the server's certificate to be, for --ca FILE: PEM, never over a file",
    )
    .addHelpText("after", DOCTOR_HELP)
    .action(async (places: string[], options) => {
      const { examineAccounts } = await import("./doctor.ts");
      end(await examineAccounts(places, options, invocation));
    });
}
