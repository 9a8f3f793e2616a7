import { type AccountAddress, maildropName } from "@mailonce/runtime/config";
import type { PasswordPlace } from "./new-accounts-file.ts";
import type { Choice, Questions } from "./questions.ts";

const PLACES: readonly Choice<PasswordPlace["kind"]>[] = [
  { value: "file", label: "in a file that only you can read", hint: "you type it now" },
  { value: "command", label: "a command writes it", hint: "such as pass, op or secret-tool" },
  { value: "env", label: "in an environment variable" },
  { value: "oauth2", label: "there is none: OAuth 2", hint: "Google, Microsoft 365" },
  { value: "ask", label: "in your head", hint: "it is asked for each time" },
];

/** Asks where the password of the account of this name is kept; if in a file, for the password, too. */
export async function askPassword(
  questions: Questions,
  name: string,
  address: AccountAddress,
): Promise<PasswordPlace> {
  const kind = await questions.choice("Where is the password?", PLACES);
  switch (kind) {
    case "ask":
      return { kind };
    case "env": {
      const suggested = `MAILONCE_PASSWORD_${name.toUpperCase().replace(/[^A-Z0-9]+/g, "_")}`;
      const variable = await questions.line("Which one?", suggested, (value) =>
        /^[A-Za-z_][A-Za-z0-9_]*$/.test(value) ? undefined : "Letters, digits and underscores.",
      );
      return { kind, name: variable };
    }
    case "command": {
      const command = await questions.line("Which command?", `pass show mail/${name}`, (value) =>
        value === "" ? "It writes the password to standard output." : undefined,
      );
      return { kind, command };
    }
    case "oauth2": {
      const provider = await questions.choice("Whose?", [
        { value: "google", label: "Google" },
        { value: "microsoft365", label: "Microsoft 365" },
      ]);
      const clientId = await questions.line("The client id of your registered application?", "", (value) =>
        value === "" ? "The provider gives it to a registered application." : undefined,
      );
      return { kind, provider, clientId };
    }
    case "file": {
      const typed = await questions.hidden(`Password of ${maildropName(address)}?`);
      return { kind, path: `${name}.password`, typed };
    }
  }
}
