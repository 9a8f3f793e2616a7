import { type Command, InvalidArgumentError, Option } from "commander";
import { type CommandContext, readCommand } from "../../definition/context.ts";

const LOGIN_HELP = `
The account stands in the accounts file with 'oauth2:' (provider google or microsoft365, or any issuer).
No browser is opened: the address to open is shown. What the provider gives is kept in the database, encrypted
(AES-256-GCM) under the key in tokenKey of the accounts file, or MAILONCE_TOKEN_KEY (openssl rand -base64 32), or a
key file in your configuration directory, which is made if there is no other key.

Examples:
  mailonce login work                  as the accounts file says
  mailonce login work --device-code    a code to enter in a browser on any machine
  mailonce login work --browser        a browser on this machine
  mailonce logout work                 forget the login, and revoke it where the provider can
`;

/** login and logout. */
export function addLoginCommands(context: CommandContext): void {
  const { program } = context;
  oauth2Command(program, "login", "log an account in by OAuth 2")
    .addOption(
      new Option("--device-code", "by a code that is entered in a browser on any machine").conflicts(
        "browser",
      ),
    )
    .option("--browser", "by a browser on this machine")
    .option("--port <PORT>", "where the browser comes back to (default: any free port)", portNumber)
    .addHelpText("after", LOGIN_HELP)
    .action(async (place: string, options) => {
      const { logIn } = await import("./login.ts");
      context.end(await logIn(place, options, context.invocation));
    });

  oauth2Command(program, "logout", "forget an account's login, and revoke it where the provider can").action(
    async (place: string, options) => {
      const { logOutOf } = await import("../logout/logout.ts");
      context.end(await logOutOf(place, options, context.invocation));
    },
  );
}

function oauth2Command(program: Command, name: string, description: string): Command {
  return readCommand(program, name, description).argument("<ACCOUNT>", "its name in the accounts file");
}

/** `--port 8080` */
function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new InvalidArgumentError("It must be a number from 1 to 65535.");
  return port;
}
