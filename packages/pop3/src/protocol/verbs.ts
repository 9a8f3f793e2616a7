/**
 * The states of a session: those of RFC 1939 section 3, and what lies before, between and after them. In SASL a challenge
 * waits for its answer (RFC 5034).
 */
export type State = "GREETING" | "AUTHORIZATION" | "STLS" | "SASL" | "TRANSACTION" | "UPDATE" | "CLOSED";

/** How a positive reply goes on after its status line; a negative one never does. */
export type Framing = "line" | "capabilities" | "listing" | "content";

interface VerbRule {
  /** States in which the command may be sent. */
  readonly states: readonly State[];
  readonly framing: Framing;
  /** Framing when the command has an argument, where that differs. */
  readonly framingWithArgument?: Framing;
  /** State after `+OK` and after `-ERR`, where it changes. */
  readonly ok?: State;
  readonly err?: State;
  /** Never in flight together with another command: it changes what later octets mean. */
  readonly alone?: true;
  /** The server need not look at a maildrop to answer it, so the answer must come soon. */
  readonly prelude?: true;
  /** State after a challenge (a line that begins with `+ `), for commands that the server may answer by one. */
  readonly challenge?: State;
  /** The line is the argument alone: it is not a command but an answer to a challenge. */
  readonly bare?: true;
  /** The argument is a secret, except for so many words at its beginning. */
  readonly shownWords?: number;
}

const both: readonly State[] = ["AUTHORIZATION", "TRANSACTION"];
const authorization: readonly State[] = ["AUTHORIZATION"];
const transaction: readonly State[] = ["TRANSACTION"];

/** The one table of states and reply framing. GREETING is the reply to connecting; RESPONSE answers a challenge. */
const verbs = {
  GREETING: { states: [], framing: "line", ok: "AUTHORIZATION", err: "CLOSED", prelude: true },
  CAPA: { states: both, framing: "capabilities", prelude: true },
  STLS: { states: authorization, framing: "line", ok: "STLS", alone: true, prelude: true },
  UTF8: { states: authorization, framing: "line", alone: true, prelude: true },
  LANG: { states: both, framing: "capabilities", framingWithArgument: "line", prelude: true },
  USER: { states: authorization, framing: "line", alone: true },
  PASS: { states: authorization, framing: "line", ok: "TRANSACTION", alone: true, shownWords: 0 },
  APOP: { states: authorization, framing: "line", ok: "TRANSACTION", alone: true, shownWords: 1 },
  AUTH: {
    states: authorization,
    framing: "line",
    ok: "TRANSACTION",
    challenge: "SASL",
    alone: true,
    shownWords: 1,
  },
  RESPONSE: {
    states: ["SASL"],
    framing: "line",
    ok: "TRANSACTION",
    err: "AUTHORIZATION",
    challenge: "SASL",
    alone: true,
    bare: true,
    shownWords: 0,
  },
  STAT: { states: transaction, framing: "line" },
  LIST: { states: transaction, framing: "listing", framingWithArgument: "line" },
  UIDL: { states: transaction, framing: "listing", framingWithArgument: "line" },
  RETR: { states: transaction, framing: "content" },
  TOP: { states: transaction, framing: "content" },
  DELE: { states: transaction, framing: "line" },
  RSET: { states: transaction, framing: "line" },
  NOOP: { states: transaction, framing: "line" },
  QUIT: { states: both, framing: "line", ok: "UPDATE", err: "UPDATE", alone: true },
} as const satisfies Record<string, VerbRule>;

export type Verb = keyof typeof verbs;

/** A rule in which nothing is left out. All have the same shape, which makes them faster to read. */
export type Rule = { readonly [Key in keyof VerbRule]-?: Exclude<VerbRule[Key], undefined> | null } & {
  readonly framingWithArgument: Framing;
} & Pick<VerbRule, "states" | "framing">;

function complete(rule: VerbRule): Rule {
  const { states, framing, framingWithArgument = framing, ok = null, err = null } = rule;
  const { alone = null, prelude = null, challenge = null, bare = null, shownWords = null } = rule;
  return { states, framing, framingWithArgument, ok, err, alone, prelude, challenge, bare, shownWords };
}

export const rules = Object.fromEntries(
  Object.entries(verbs).map(([verb, rule]) => [verb, complete(rule)]),
) as Readonly<Record<Verb, Rule>>;

/** The framing of a multi-line reply. */
export type BodyFraming = Exclude<Framing, "line">;
