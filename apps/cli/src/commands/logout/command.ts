import { type CommandContext, readCommand } from "../../definition/context.ts";
import { exitCodes, WRONG_FILE, WRONG_USAGE } from "../../help/exit-codes.ts";

const EXIT_CODES = exitCodes({
  0: "done",
  2: `${WRONG_USAGE}, or there is no such account`,
  69: "provider or database unreachable",
  78: `${WRONG_FILE}, or there is no key`,
});

/** logout */
export function addLogoutCommand({ program, invocation, end }: CommandContext): void {
  readCommand(program, "logout", "forget an account's login, and revoke it where the provider can")
    .argument("<ACCOUNT>", "its name in the accounts file")
    .addHelpText("after", EXIT_CODES)
    .action(async (place: string, options) => {
      const { logOutOf } = await import("./logout.ts");
      end(await logOutOf(place, options, invocation));
    });
}
