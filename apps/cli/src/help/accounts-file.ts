/** What the help of `config` and the topic `configuration` say of the accounts file. */
export const ACCOUNTS_FILE_HELP = `
The accounts file is the one that --config or MAILONCE_CONFIG names, else mailonce.yaml (.yml, .json) in the working
directory, else in your configuration directory. 'mailonce init' writes one.

  database: sqlite:mail.sqlite
  accounts:
    work:
      url: pop3s://joe@mail.example.org
      password: { command: pass show mail/work }
`;
