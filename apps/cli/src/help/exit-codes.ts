import type { Command } from "commander";

type Codes = Readonly<Record<number, string>>;

const WRONG = "the command line is wrong";
const DATABASE = "database unreachable, full or read-only";
const INTERRUPTED = "interrupted";
const FILE = "the accounts file is wrong";

const REFUSED = "login to the database refused, or its certificate is not trusted";
const NO_DATABASE = "there is no such database, or it is a later version's";

const READ: Codes = {
  0: "done",
  2: WRONG,
  69: "database unreachable",
  77: REFUSED,
  78: `${FILE}, or ${NO_DATABASE}`,
};
const CHANGE: Codes = { ...READ, 69: DATABASE };

const MAIL: Codes = {
  0: "done",
  2: WRONG,
  65: "some messages could not be had now; the rest is done",
  69: "server or database unreachable, broken off, full or read-only",
  75: "busy, or so it seems (a login that worked before is refused); try again later",
  77: "login refused, no STLS, or a certificate that is not trusted; also the database's",
  78: "accounts file wrong, no password, no such database or a later version's, or the mailbox has another maildrop",
  130: INTERRUPTED,
};

/** By the names of a command, or of the group that it belongs to. */
const CODES: Readonly<Record<string, Codes>> = {
  fetch: MAIL,
  check: MAIL,
  baseline: MAIL,
  doctor: MAIL,
  explain: MAIL,
  list: READ,
  show: { ...READ, 2: `${WRONG}, or no message or several have this id` },
  export: { ...READ, 73: "a file or the folder cannot be written", 130: INTERRUPTED },
  index: { ...CHANGE, 65: "octets of some messages are missing in the database", 130: INTERRUPTED },
  init: {
    0: "done",
    2: WRONG,
    73: "there is such a file already, or it cannot be written",
    75: "the maildrop to take over is in use",
    130: INTERRUPTED,
  },
  config: { 0: "done", 2: "there is no accounts file", 78: "something is wrong in it" },
  "config schema": { 0: "done" },
  database: {
    ...CHANGE,
    69: "database unreachable, full, read-only, or it does not grant its user what is needed",
    75: "another process is still bringing it up to date, or the server has too much to do",
  },
  "database status": {
    ...READ,
    0: "done; the tables are up to date",
    65: "there are no tables yet, or there is something to be done",
  },
  deferred: { ...CHANGE, 2: `${WRONG}, or there is no such message` },
  "deferred list": READ,
  maildrop: {
    ...CHANGE,
    2: "there is no such maildrop, or the new name is taken",
    75: "the maildrop is in use",
  },
  "maildrop list": READ,
  outbox: { ...CHANGE, 2: `${WRONG}, or there is no such message in the outbox` },
  "outbox list": READ,
  "outbox deliver": {
    ...CHANGE,
    65: "some deliveries failed; they are tried again",
    130: INTERRUPTED,
  },
  accounts: { ...CHANGE, 2: `${WRONG}, or there is no such account` },
  "accounts list": READ,
  login: {
    0: "done",
    2: `${WRONG}, or there is no such account`,
    69: "provider or database unreachable",
    75: "the provider gives no tokens for the moment; try again later",
    77: "denied, or nobody logged in in time",
    78: "the client, the scopes or the issuer are not as the provider has them, or there is no key",
    130: INTERRUPTED,
  },
  logout: {
    0: "done",
    2: `${WRONG}, or there is no such account`,
    69: "provider or database unreachable",
    78: `${FILE}, or there is no key`,
  },
  completion: { 0: "done", 2: WRONG },
  help: { 0: "done", 2: "there is neither such a command nor such a topic" },
};

const INTERNAL = "an error in mailonce itself";

/** The exit codes of commands that fetch; the topic `exit-codes` shows them. */
export const MAIL_EXIT_CODES = `${lines(MAIL)}
Over several accounts the worst counts: 1, 130, 78, 2, 77, 69, 75, 65, 0.
`;

/** Lets the help of each command below `program` end with its exit codes. */
export function addExitCodes(program: Command, group = ""): void {
  for (const command of program.commands) {
    const name = `${group} ${command.name()}`.trim();
    const codes = CODES[name] ?? CODES[group];
    if (codes !== undefined)
      command.addHelpText("after", () => (codes === MAIL ? MAIL_EXIT_CODES : lines(codes)));
    addExitCodes(command, name);
  }
}

function lines(codes: Codes): string {
  const all = Object.entries({ ...codes, 1: INTERNAL }).sort(([a], [b]) => order(a) - order(b));
  return ["", "Exit codes:", ...all.map(([code, words]) => ` ${code.padStart(3)}  ${words}`), ""].join("\n");
}

/** What is our own fault comes last. */
function order(code: string): number {
  return code === "1" ? 1000 : Number(code);
}
