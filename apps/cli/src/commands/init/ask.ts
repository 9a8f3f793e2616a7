import { accountUrl, isAccountName, parseAccountUrl } from "@mailonce/runtime/config";
import type { Invocation } from "../../input/invocation.ts";
import { askAddress } from "./ask-address.ts";
import { askPassword } from "./ask-password.ts";
import type { NewAccountsFile } from "./new-accounts-file.ts";
import { Questions } from "./questions.ts";
import { suggestedName } from "./suggestions.ts";

/** Asks on a terminal for all that an accounts file needs. @throws FailureError (`interrupted`) at Ctrl-C */
export async function askAll(invocation: Invocation): Promise<NewAccountsFile> {
  const questions = new Questions(invocation);
  const address = parseAccountUrl(await askAddress(questions));
  const name = await questions.line(
    "What shall the account be called?",
    suggestedName(address.host),
    (value) =>
      isAccountName(value) ? undefined : "Letters, digits and . _ @ + -, beginning with a letter or digit.",
  );
  const password = await askPassword(questions, name, address);
  return { name, url: accountUrl(address), password, database: await askDatabase(questions) };
}

async function askDatabase(questions: Questions): Promise<string | null> {
  const kind = await questions.choice("Where shall the mail go?", [
    { value: "default", label: "an SQLite file in your data directory", hint: "nothing to install" },
    { value: "server", label: "a MySQL or MariaDB server" },
  ]);
  if (kind === "default") return null;
  return questions.line(
    "The database's URL (its password goes to MAILONCE_DATABASE_PASSWORD)?",
    "mariadb://mail@localhost/mail",
    (value) =>
      /^(?:mysql|mariadb):\/\/[^:@/]+@[^@/]+\/[^/]+$/.test(value)
        ? undefined
        : "mariadb://USER@HOST/DATABASE, without a password.",
  );
}
