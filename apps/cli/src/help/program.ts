/** What `mailonce --help` says after the commands. */
export const MAIN_HELP = `
Examples:
  mailonce check pop3s://joe@mail.example.org      what is new?
  mailonce fetch pop3s://joe@mail.example.org      store it
  mailonce list                                    what is stored?
  mailonce search 'invoice from:*@example.org'     find it by words and senders
  mailonce show 1f0c9a2b77e3                       read one message
  mailonce export --to backup                      one .eml file each
  mailonce deferred list                           what could not be had, and why?
  mailonce init                                    accounts in a file: then 'mailonce fetch' fetches all

Nothing is ever deleted on the server. A message is stored once, however often you fetch.

Environment:
  MAILONCE_PASSWORD           the mail password, where there is no terminal to ask on
  MAILONCE_CONFIG             the accounts file (default: mailonce.yaml here or in your configuration directory)
  MAILONCE_DATABASE           the database's URL (default: an SQLite file in your data directory)
  MAILONCE_DATABASE_PASSWORD  the database's password, if it does not stand in the URL
  MAILONCE_DEBUG=1            show where an unexpected error came from
  NO_COLOR=1                  no colours

'mailonce COMMAND --help' and 'mailonce help TOPIC' say more; topics are exit-codes, configuration, criteria, searching, oauth2,
databases and environment.
`;
