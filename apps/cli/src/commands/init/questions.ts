import { password as askHidden, isCancel, select, text, updateSettings } from "@clack/prompts";
import { FailureError } from "@mailonce/runtime";
import {
  accountUrl,
  isAccountName,
  maildropName,
  parseAccountUrl,
  type TlsMode,
} from "@mailonce/runtime/config";
import type { Invocation } from "../../input/invocation.ts";
import { suggestedHost, suggestedName } from "./suggestions.ts";
import type { InitWishes, PasswordWish } from "./wishes.ts";

const ADDRESS = /^[^\s@]+@[^\s@]+$/;

/** Who knows the URL already, from a fetch by it, need not answer the questions that make one. */
const URL_FORM = /^pop3s?:\/\//i;

/** What was answered; the password itself only where it is to be written to a file. */
export interface Answers extends InitWishes {
  readonly typedPassword: string | null;
}

/** Asks on a terminal for all that an accounts file needs. @throws FailureError (`interrupted`) at Ctrl-C */
export async function askAll({ stdin, stderr }: Invocation): Promise<Answers> {
  // Ctrl-D: the library would close its input, and wait for ever.
  updateSettings({ aliases: { "\u0004": "cancel" } });
  const common = { input: stdin, output: stderr };
  const line = async (
    message: string,
    initialValue: string,
    validate: (value: string) => string | undefined,
    placeholder = "",
  ) =>
    answered(
      await text({
        ...common,
        message,
        initialValue,
        placeholder,
        validate: (value) => validate((value ?? "").trim()),
      }),
    ).trim();
  const address = await line(
    "Your mail address?",
    "",
    (value) => {
      if (URL_FORM.test(value)) return urlProblem(value);
      return ADDRESS.test(value) ? undefined : "Such as joe@example.org.";
    },
    "joe@example.org, or pop3s://joe@mail.example.org",
  );
  const parsed = parseAccountUrl(URL_FORM.test(address) ? address : await askUrl(address));
  const name = await line("What shall the account be called?", suggestedName(parsed.host), (value) =>
    isAccountName(value) ? undefined : "Letters, digits and . _ @ + -, beginning with a letter or digit.",
  );
  const kind = answered(
    await select<PasswordWish["kind"]>({
      ...common,
      message: "Where is the password?",
      options: [
        { value: "file", label: "in a file that only you can read", hint: "you type it now" },
        { value: "command", label: "a command writes it", hint: "such as pass, op or secret-tool" },
        { value: "env", label: "in an environment variable" },
        { value: "oauth2", label: "there is none: OAuth 2", hint: "Google, Microsoft 365" },
        { value: "ask", label: "in your head", hint: "it is asked for each time" },
      ],
    }),
  );
  const [password, typedPassword] = await askPassword(kind);
  const database = answered(
    await select<"default" | "server">({
      ...common,
      message: "Where shall the mail go?",
      options: [
        { value: "default", label: "an SQLite file in your data directory", hint: "nothing to install" },
        { value: "server", label: "a MySQL or MariaDB server" },
      ],
    }),
  );
  const url =
    database === "default"
      ? null
      : await line(
          "The database's URL (its password goes to MAILONCE_DATABASE_PASSWORD)?",
          "mariadb://mail@localhost/mail",
          (value) =>
            /^(?:mysql|mariadb):\/\/[^:@/]+@[^@/]+\/[^/]+$/.test(value)
              ? undefined
              : "mariadb://USER@HOST/DATABASE, without a password.",
        );
  return { name, url: accountUrl(parsed), password, typedPassword, database: url };

  async function askUrl(mailAddress: string): Promise<string> {
    const domain = mailAddress.slice(mailAddress.lastIndexOf("@") + 1);
    const host = await line("The POP3 server?", suggestedHost(domain), (value) =>
      value !== "" && urlProblem(`pop3s://x@${value}`) === undefined
        ? undefined
        : "A host name, or HOST:PORT.",
    );
    const user = await line("Your user name there?", mailAddress, (value) =>
      value === "" ? "It is often the mail address." : undefined,
    );
    const tls = answered(
      await select<TlsMode>({
        ...common,
        message: "How is the connection protected?",
        options: [
          { value: "implicit", label: "TLS from the start", hint: "port 995; take this if you are not sure" },
          { value: "stls", label: "STLS", hint: "port 110" },
          { value: "none", label: "not at all", hint: "everybody on the way can read the password" },
        ],
      }),
    );
    const scheme = tls === "implicit" ? "pop3s" : "pop3";
    const encoded = encodeURIComponent(user).replaceAll("%40", "@");
    return `${scheme}://${encoded}@${host}${tls === "none" ? "?tls=none" : ""}`;
  }

  async function askPassword(chosen: PasswordWish["kind"]): Promise<[PasswordWish, string | null]> {
    switch (chosen) {
      case "ask":
        return [{ kind: "ask" }, null];
      case "env": {
        const suggested = `MAILONCE_PASSWORD_${name.toUpperCase().replace(/[^A-Z0-9]+/g, "_")}`;
        const variable = await line("Which one?", suggested, (value) =>
          /^[A-Za-z_][A-Za-z0-9_]*$/.test(value) ? undefined : "Letters, digits and underscores.",
        );
        return [{ kind: "env", name: variable }, null];
      }
      case "command": {
        const command = await line("Which command?", `pass show mail/${name}`, (value) =>
          value === "" ? "It writes the password to standard output." : undefined,
        );
        return [{ kind: "command", command }, null];
      }
      case "oauth2": {
        const provider = answered(
          await select<"google" | "microsoft365">({
            ...common,
            message: "Whose?",
            options: [
              { value: "google", label: "Google" },
              { value: "microsoft365", label: "Microsoft 365" },
            ],
          }),
        );
        const clientId = await line("The client id of your registered application?", "", (value) =>
          value === "" ? "The provider gives it to a registered application." : undefined,
        );
        return [{ kind: "oauth2", provider, clientId }, null];
      }
      case "file": {
        const typed = answered(
          await askHidden({
            ...common,
            message: `Password of ${maildropName(parsed)}?`,
            validate: (value) => (value === undefined || value === "" ? "It is empty." : undefined),
          }),
        );
        return [{ kind: "file", path: `${name}.password` }, typed];
      }
    }
  }
}

/** Throws where Ctrl-C was the answer. */
function answered<T>(answer: T): Exclude<T, symbol> {
  if (isCancel(answer))
    throw new FailureError("interrupted", "interrupted; nothing was written", "interrupted");
  return answer as Exclude<T, symbol>;
}

/** What is wrong with an account's URL; undefined if nothing is. */
function urlProblem(url: string): string | undefined {
  try {
    parseAccountUrl(url);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
