/** What `mailonce --help` says after the commands. */
export const MAIN_HELP = `
Examples:
  mailonce check pop3s://joe@mail.example.org      what is new?
  mailonce fetch pop3s://joe@mail.example.org      store it
  mailonce list                                    what is stored?
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

'mailonce COMMAND --help' and 'mailonce help TOPIC' say more; topics are exit-codes, configuration, criteria, oauth2,
databases and environment.
`;

/** What the help of fetch says besides. */
export const FETCH_EXAMPLES = `
Examples:
  mailonce fetch pop3s://joe@example.org@mail.example.org     the user is joe@example.org
  mailonce fetch pop3://joe@mail.example.org                  port 110, STLS required
  pass show mail | mailonce fetch --password-stdin pop3s://joe@mail.example.org
  mailonce fetch --database mariadb://mail@db.example.org/mail pop3s://joe@mail.example.org

  mailonce fetch                                              all accounts of the accounts file
  mailonce fetch work home --concurrency 2                    these two at the same time

The password is asked for on a terminal, or comes from --password-stdin or MAILONCE_PASSWORD, which then serve all
that are named; an account of the accounts file has its own ('mailonce config --help'). Ctrl-C keeps what is stored; the rest comes next time.
What cannot be had or is too large is deferred: the rest is stored, and it is tried again, ever more seldom
('mailonce deferred --help').
`;

/** What the help of baseline says besides. */
export const BASELINE_HELP = `
For a maildrop whose old mail you have elsewhere, or do not want: only what comes after this is fetched.
Nothing is downloaded but headers (and one message, where the server's unique-ids are of no use).
Messages that are stored already stay stored.
`;

/** What the help of doctor says besides. */
export const DOCTOR_HELP = `
Looks up the name, looks at TLS and certificate, logs in, lists, compares TOP with RETR on at most three small
messages, sends commands at once where the server says that it takes them, and asks the database what a fetch would
do. It closes the connection without QUIT, deletes nothing, and changes nothing in the database. Some servers mark
the messages that were tried as read: --no-retrieve leaves them alone.

Each line begins with ok, LOOK (it works, and you should know) or BAD (a fetch would fail, with the exit code below).

Examples:
  mailonce doctor work
  mailonce doctor pop3s://joe@mail.example.org
  mailonce doctor --save-certificate mail.pem pop3s://joe@mail.example.org     of a server that is not trusted yet
  mailonce doctor --json work          one line for each finding, then all facts, then the summary
`;

/** What the help of completion says besides. */
export const COMPLETION_HELP = `
Examples:
  mailonce completion bash > ~/.local/share/bash-completion/completions/mailonce
  mailonce completion zsh > ~/.zfunc/_mailonce          (with fpath+=~/.zfunc before compinit)
  mailonce completion fish > ~/.config/fish/completions/mailonce.fish
  eval "$(mailonce completion bash)"                    for this shell alone
`;

/** What the help of index says besides. */
export const INDEX_HELP = `
What list shows of a message (subject, addresses, date) is read from its header when it is stored. A later version
may read more, or better: then this makes it anew from what is stored. The messages themselves are not touched.
It may run beside fetches and be stopped with Ctrl-C; the next one goes on where it stopped.

Examples:
  mailonce index --status       how many messages an older version has read
  mailonce index                read these anew
  mailonce index --rebuild      read all anew
`;

/** What the help of deferred says besides. */
export const DEFERRED_HELP = `
A message is deferred if the server refuses it or breaks off each time, if it is larger than --max-octets of
fetch allows, if the database refuses it, or if Mailonce was killed twice while it was retrieved. All others are
stored meanwhile, and it is tried after them: at the next fetch, then after a delay that doubles up to a day, for
ever. What one fetch tries in vain over several connections is one attempt.

Examples:
  mailonce deferred list                 which, why, and when they are tried next
  mailonce deferred retry 1f0c9a2b77e3   try it at the next fetch, not later
  mailonce deferred drop 1f0c9a2b77e3    never try it again
`;

/** What the help of init says besides. */
export const INIT_HELP = `
The password itself never stands in the file, only where it is kept. The file is there for you alone (mode 0600), and one
that is there already is left as it is.

Examples:
  mailonce init                                                                asks
  mailonce init --url pop3s://joe@mail.example.org --password-command 'pass show mail'
  mailonce init --url pop3s://ann@example.com@outlook.office365.com --oauth2 microsoft365 --client-id ID
`;

/** What the help of config says besides. */
export const CONFIG_HELP = `
The accounts file is the one that --config or MAILONCE_CONFIG names, else mailonce.yaml (.yml, .json) in the working
directory, else in your configuration directory. 'mailonce init' writes one.

  database: sqlite:mail.sqlite
  accounts:
    work:
      url: pop3s://joe@mail.example.org
      password: { command: pass show mail/work }
`;

/** What the help of maildrop says besides. */
export const MAILDROP_HELP = `
A maildrop is what the database knows of the mail of one account. It is called as the account is, or, fetched by a
bare URL, USER@HOST. With another name a maildrop is another one: all would be downloaded again. So whoever moves to
an accounts file, or gives an account another name, renames the maildrop, or writes its name into the account
('maildrop: USER@HOST'). Until then 'mailonce fetch' refuses, and says how. It does so, too, where another maildrop
holds the same mailbox under another URL, unless that is wanted: --apart, or 'apart: true' in the accounts file.

Examples:
  mailonce maildrop list
  mailonce maildrop rename joe@mail.example.org work
`;

/** What the help of database says besides. */
export const DATABASE_HELP = `
Commands that store (fetch, baseline, the worker) make the tables, or bring those of an older version up to date, by
themselves. Commands that only look (list, show, export, check, doctor) read tables of any older version as they are and
change nothing. Where the user who stores may not make tables, one who may runs 'mailonce database migrate' once after each
upgrade. Tables of a later version are read as far as they are known, and not written to.

Examples:
  mailonce database status                    is it up to date? what would migrate do? is the line encrypted?
  mailonce database status || mailonce database migrate
  mailonce database migrate --database mariadb://admin@db.example.org/mail
`;

/** What the help of list says besides. */
export const LIST_HELP = `
A date with ? behind it is in doubt (it names no time zone, say); one with * is not the message's own, but when the last
server received it. Octets with + behind them: the message says of itself that there is more in it than text.
`;

/** What the commands that only read say where there is nothing to read. */
export const NO_DATABASE = "there is no database yet; 'mailonce fetch' makes it";
