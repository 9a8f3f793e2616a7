type Codes = Readonly<Record<number, string>>;

/** What exit code 2 means for most commands. */
export const WRONG_USAGE = "the command line is wrong";
/** What exit code 78 means for commands that read the accounts file. */
export const WRONG_FILE = "the accounts file is wrong";
/** What exit code 130 means. */
export const INTERRUPTED = "interrupted";

/** The exit codes of commands that only read the database. */
export const READ_CODES: Codes = {
  0: "done",
  2: WRONG_USAGE,
  69: "database unreachable",
  77: "login to the database refused, or its certificate is not trusted",
  78: `${WRONG_FILE}, or there is no such database, or it is a later version's`,
};

/** The exit codes of commands that change what is in the database. */
export const CHANGE_CODES: Codes = { ...READ_CODES, 69: "database unreachable, full or read-only" };

/** The exit codes of commands that reach mail servers, as their help and the topic `exit-codes` show them. */
export const MAIL_EXIT_CODES = `${exitCodes({
  0: "done",
  2: WRONG_USAGE,
  65: "some messages could not be had now; the rest is done",
  69: "server or database unreachable, broken off, full or read-only",
  75: "busy, or so it seems (a login that worked before is refused); try again later",
  77: "login refused, no STLS, or a certificate that is not trusted; also the database's",
  78: "accounts file wrong, no password, no such database or a later version's, or the mailbox has another maildrop",
  130: INTERRUPTED,
})}
Over several accounts the worst counts: 1, 130, 78, 2, 77, 69, 75, 65, 0.
`;

/**
 * What the help of a command says of its exit codes: a line each, in ascending order. Code 1, an error in Mailonce itself,
 * is possible for every command; it is added as the last.
 */
export function exitCodes(codes: Codes): string {
  // The keys of an object that are whole numbers come in ascending order.
  const all = [...Object.entries(codes), ["1", "an error in mailonce itself"] as const];
  return ["", "Exit codes:", ...all.map(([code, words]) => ` ${code.padStart(3)}  ${words}`), ""].join("\n");
}
