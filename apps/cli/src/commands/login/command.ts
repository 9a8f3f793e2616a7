import { InvalidArgumentError, Option } from "commander";
import { type CommandContext, readCommand } from "../../definition/context.ts";
import { exitCodes, INTERRUPTED, WRONG_USAGE } from "../../help/exit-codes.ts";

const HELP = `
The account stands in the accounts file with 'oauth2:' (provider google or microsoft365, or any issuer).
No browser is opened: the address to open is shown. What the provider gives is kept in the database, encrypted
(AES-256-GCM) under the key in tokenKey of the accounts file, or MAILONCE_TOKEN_KEY (openssl rand -base64 32), or a
key file in your configuration directory, which is made if there is no other key.

Examples:
  mailonce login work                  as the accounts file says
  mailonce login work --device-code    a code to enter in a browser on any machine
  mailonce login work --browser        a browser on this machine
  mailonce logout work                 forget the login, and revoke it where the provider can

${exitCodes({
  0: "done",
  2: `${WRONG_USAGE}, or there is no such account`,
  69: "provider or database unreachable",
  75: "the provider gives no tokens for the moment; try again later",
  77: "denied, or nobody logged in in time",
  78: "the client, the scopes or the issuer are not as the provider has them, or there is no key",
  130: INTERRUPTED,
})}`;

/** login */
export function addLoginCommand({ program, action }: CommandContext): void {
  readCommand(program, "login", "log an account in by OAuth 2", HELP)
    .argument("<ACCOUNT>", "its name in the accounts file")
    .addOption(
      new Option("--device-code", "by a code that is entered in a browser on any machine").conflicts(
        "browser",
      ),
    )
    .option("--browser", "by a browser on this machine")
    .option("--port <PORT>", "where the browser comes back to (default: any free port)", portNumber)
    .action(action(async () => (await import("./login.ts")).logIn));
}

/** `--port 8080` */
function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new InvalidArgumentError("It must be a number from 1 to 65535.");
  return port;
}
