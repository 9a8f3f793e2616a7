import { type CommandContext, readCommand } from "../../definition/context.ts";
import { exitCodes, WRONG_FILE, WRONG_USAGE } from "../../help/exit-codes.ts";

const EXIT_CODES = exitCodes({
  0: "done",
  2: `${WRONG_USAGE}, or there is no such account`,
  69: "provider or database unreachable",
  78: `${WRONG_FILE}, or there is no key`,
});

/** logout */
export function addLogoutCommand({ program, action }: CommandContext): void {
  readCommand(
    program,
    "logout",
    "forget an account's login, and revoke it where the provider can",
    EXIT_CODES,
  )
    .argument("<ACCOUNT>", "its name in the accounts file")
    .action(action(async () => (await import("./logout.ts")).logOutOf));
}
