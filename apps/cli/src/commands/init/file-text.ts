import type { NewAccountsFile, PasswordPlace } from "./new-accounts-file.ts";

/** The name that the schema has beside the file. */
export const SCHEMA_NAME = "mailonce.schema.json";

/** A commented accounts file with one account. */
export function accountsFileText({ name, url, password, database }: NewAccountsFile): string {
  return `# yaml-language-server: $schema=${SCHEMA_NAME}
#
# The accounts of Mailonce. 'mailonce config check' tells what is wrong in this file, 'mailonce fetch' fetches all of
# its accounts. Passwords do not stand here, only where they are kept. Paths are relative to this file.

# Where the mail goes: sqlite:FILE, mysql://USER@HOST/DB or mariadb://USER@HOST/DB (the password of a database stands in
# MAILONCE_DATABASE_PASSWORD). Left out: an SQLite file in your data directory.
${database === null ? "# database: sqlite:mail.sqlite" : `database: ${scalar(database)}`}

# Accounts at the same time.
# concurrency: 4

# What holds for every account that does not say otherwise.
# defaults:
#   maxOctets: 50M                 # larger messages are deferred
#   timeouts: { reply: 2m }        # connect, reply, idle
#   schedule: 5m                   # for mailonce-worker; or { cron: "0 7 * * *", timeZone: Europe/Berlin }

accounts:
  ${scalar(name)}:
    # pop3s:// is TLS from the start (port 995), pop3:// is STLS (port 110).
    url: ${scalar(url)}
${loginText(name, password)}
    # maildrop: joe@mail.example.org         # its name in the database, if it is not the account's
    # where: subject:invoice*                # only these
    # ca: ca.pem                             # trust this certificate, too
    # proxy: socks5://localhost:1080
`;
}

/** Google wants a client secret even of applications that cannot keep one secret. */
const GOOGLE_SECRET =
  "\n      clientSecret: { env: GOOGLE_CLIENT_SECRET }   # or { file: PATH }, { command: … }";

function loginText(name: string, password: PasswordPlace): string {
  switch (password.kind) {
    case "ask":
      return "    # password: { command: pass show mail }  # or { env: NAME } or { file: PATH }; left out: asked for";
    case "env":
      return `    password: { env: ${flow(password.name)} }`;
    case "file":
      return `    password: { file: ${flow(password.path)} }   # mode 0600`;
    case "command":
      return `    password: { command: ${flow(password.command)} }`;
    case "oauth2":
      return `    # 'mailonce login ${name}' gives consent.
    oauth2:
      provider: ${password.provider}
      clientId: ${scalar(password.clientId)}${password.provider === "google" ? GOOGLE_SECRET : ""}`;
  }
}

/** A text as a YAML value on a line of its own, in quotes where it needs them. */
function scalar(text: string): string {
  return /^[A-Za-z][\w.@+/:%?=&~-]*$/.test(text) && !isWord(text) && !text.endsWith(":")
    ? text
    : JSON.stringify(text);
}

/** The same inside braces, where more characters mean something. */
function flow(text: string): string {
  return /^[A-Za-z/][\w./ -]*$/.test(text) && text === text.trim() && !isWord(text)
    ? text
    : JSON.stringify(text);
}

function isWord(text: string): boolean {
  return /^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text);
}
