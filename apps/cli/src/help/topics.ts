import { ACCOUNTS_FILE_HELP } from "./accounts-file.ts";
import { MAIL_EXIT_CODES } from "./exit-codes.ts";

/** A page of `mailonce help TOPIC`. */
export interface HelpTopic {
  readonly name: string;
  /** A few words for the list of topics. */
  readonly about: string;
  readonly text: string;
}

/** What `mailonce help TOPIC` knows. */
export const HELP_TOPICS: readonly HelpTopic[] = [
  {
    name: "exit-codes",
    about: "how a command ended, for programs",
    text: `
Every command ends with one of these, which do not change from version to version.
${MAIL_EXIT_CODES}
Besides, 73: an export or an accounts file cannot be written.

65 is no reason to worry: the messages are tried again, ever more seldom ('mailonce deferred list'). 69 and 75 are
worth another try later; 2, 77 and 78 want a person. For cron: mail only what wants one.

  mailonce fetch --quiet || case $? in 65|75) ;; *) exit 1 ;; esac
`,
  },
  {
    name: "configuration",
    about: "the accounts file",
    text: `${ACCOUNTS_FILE_HELP}
An account may say, besides url:
  maildrop     its name in the database (default: the account's name)
  password     where it is kept: { env: NAME }, { file: PATH }, { command: pass show mail }
  oauth2       instead of a password; see 'mailonce help oauth2'
  mechanisms   log in by these only, in this order
  ca, pins     certificates to trust besides; the one to insist on
  trust        SHA-256 of the server's certificate: it is trusted whoever signed it, and no other is
  proxy        socks5://[USER@]HOST[:PORT] or http://[USER@]HOST:PORT; its password: MAILONCE_PROXY_PASSWORD
  where        only what matches; see 'mailonce help criteria'
  limit, maxOctets, timeouts, pipelining
  profile      habits of a provider: generic, gmail, microsoft365, yahoo, gmx or ovh (default: by the host's name)
  schedule, hooks   for mailonce-worker: when, and who is told of new mail
  apart        true: the same mailbox may be fetched into another maildrop, too

All of it but url, maildrop and apart may stand under 'defaults:', too. 'mailonce config check' says what is wrong, and
where; 'mailonce config schema' writes the JSON Schema that editors check the file against.
`,
  },
  {
    name: "criteria",
    about: "which messages are wanted",
    text: `
Criteria decide by the header, before a message is downloaded: with --where, or 'where:' in the accounts file.

  subject:invoice                a word in the subject; upper and lower case are alike
  subject:invoice*               a word that begins so
  subject:"monthly report"       these words one after the other
  from:*@example.org             an address; also to, cc; other fields as list-id: or header.sender:
  list-id:*                      the field is there
  subject:/^re: .*report/        a regular expression (RE2)
  octets:>=100k                  octets as LIST gives them; also <5M, 1k..5M
  date:2026-01..2026-03          the Date field; also >=2026-01-15, 2026
  age:>30d                       left on the server until it is older; also >=2w, <12h (m, h, d, w, y)
  from:ann subject:report        both; AND may be written, and binds closer than OR
  NOT from:ann                   also OR and parentheses

  mailonce check --where 'subject:invoice* AND NOT from:*@example.org'
  mailonce explain --where '…'   says for each message whether it matches, and why

A rejected message is remembered as skipped. When the criteria change, skipped messages are asked again, and no others.
A message that is only too young is waiting: no failure, and it is looked at again when it is old enough.
`,
  },
  {
    name: "searching",
    about: "what is stored, by words and more",
    text: `
'mailonce search' and 'mailonce list --where' take all that criteria take ('mailonce help criteria'), and more:

  invoice                        the word in subject, addresses, file names or text; case and accents do not count
  invoice paid                   both, anywhere; also OR, NOT, parentheses
  "per month"                    these words one after the other
  inv*                           a word that begins so; *voice ends so
  joe@example.org                an address anywhere; @example.org is any there
  text:invoice                   in the text alone
  filename:*.pdf                 a part with such a file name
  has:attachment                 a file is attached
  in:joe@mail.example.org        fetched from this maildrop
  stored:>=2026-01-15            stored in this time, as date: does it with the message's own date
  octets:>1M                     larger than that

  mailonce search 'invoice from:*@example.org stored:2026'
  mailonce list --where 'has:attachment octets:>5M'

Words of Chinese, Japanese, Korean and Thai are found wherever they stand. Messages are found by words once they were
read: 'mailonce index' reads those that were not.
`,
  },
  {
    name: "oauth2",
    about: "logging in without a password",
    text: `
Google Workspace and Microsoft 365 take no passwords by POP3: an account logs in by OAuth 2.

  accounts:
    work:
      url: pop3s://joe@example.org@outlook.office365.com
      oauth2: { provider: microsoft365, clientId: 00000000-… }

The clientId is that of an application that you, or who runs your organisation's accounts, have registered with the
provider (for Microsoft 365 with the permission POP.AccessAsUser.All, for Google with https://mail.google.com/).

  mailonce login work            consent once: by a code to enter elsewhere, or --browser
  mailonce fetch work            from then on as usual
  mailonce logout work           revokes and forgets it

grant: device-code, browser or client-credentials (Microsoft 365 alone: no person takes part; the application has the
permission POP.AccessAsApp). Any other provider is named by its issuer: https://…

Refresh tokens are kept in the database, encrypted (AES-256-GCM) under the key of tokenKey in the accounts file, else of
MAILONCE_TOKEN_KEY, else of a key file that 'mailonce login' makes (0600). Several processes share one login.
`,
  },
  {
    name: "databases",
    about: "where the mail goes",
    text: `
  sqlite:mail.sqlite                     a file, relative to where you are
  sqlite:/var/lib/mailonce/mail.sqlite   a file
  mysql://USER@HOST[:PORT]/DATABASE      MySQL
  mariadb://USER@HOST[:PORT]/DATABASE    MariaDB

--database names it, else MAILONCE_DATABASE, else the accounts file; without any it is an SQLite file in your data
directory. The password stands in MAILONCE_DATABASE_PASSWORD, or in the URL of the accounts file or the variable.
Where a file that you name has no mail in it yet, 'new database FILE' says so: behind a misspelt name all mail would be
fetched again. Its folder must be there.

The line to a server is encrypted if the URL asks for it; a server that cannot is refused then:
  ?tls=verify                            its certificate must be trusted, and made for HOST
  ?tls=verify&ca=FILE                    the same with an authority of your own (PEM), and no other
  ?tls=verify-ca&ca=FILE                 its authority alone is looked at, not the name (MySQL's own certificates)
  ?tls=required                          encrypted, but anybody in between can pose as the server
  …&cert=FILE&key=FILE                   your own certificate, for accounts that want one

Commands that store make the tables, or bring them up to date; those that only look (check, list, show, export, doctor)
read tables of any older version and change nothing; see 'mailonce database --help'. A message is stored in chunks of
254 KiB, in one transaction with its entry in the ledger. Any number of machines may share a MySQL or MariaDB: one at a
time works on a maildrop. An SQLite file is for one machine.
`,
  },
  {
    name: "environment",
    about: "the variables that are looked at",
    text: `
  MAILONCE_PASSWORD           the mail password, for accounts that name no other place for it
  MAILONCE_CONFIG             the accounts file (default: mailonce.yaml here or in your configuration directory)
  MAILONCE_DATABASE           the database's URL ('mailonce help databases')
  MAILONCE_DATABASE_PASSWORD  the database's password, if it does not stand in the URL
  MAILONCE_PROXY_PASSWORD     the proxy's password, where its URL names a user
  MAILONCE_TOKEN_KEY          the key under which OAuth 2 logins are kept ('openssl rand -base64 32' makes one)
  MAILONCE_DEBUG=1            show where an unexpected error came from
  NO_COLOR=1                  no colours (https://no-color.org)
  XDG_DATA_HOME, XDG_CONFIG_HOME   where your data and configuration directories are
  TMPDIR                      where large messages wait until they are stored

Also MAILONCE_ACCOUNTS and others for mailonce-worker: 'mailonce-worker --help'.
`,
  },
];
