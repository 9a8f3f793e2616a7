import { type Framing, type Rule, rules, type Verb } from "./verbs.ts";

/** What reply a command that was sent will have. */
export interface ExpectedReply {
  readonly verb: Verb;
  readonly rule: Rule;
  readonly framing: Framing;
  /** True: the reply holds no secret, is no challenge, and does not change the state of the session. */
  readonly plain: boolean;
  /** Texts that are masked in the reply; empty unless the command carries a secret. */
  readonly secrets: readonly string[];
  /** True for AUTH without an initial response: only a challenge can follow. */
  readonly awaitsChallenge: boolean;
}

/** The replies to a command without a secret, sent bare or with an argument. */
interface ByArgument {
  readonly bare: ExpectedReply;
  readonly withArgument: ExpectedReply;
}

function byArgument(verb: Verb): ByArgument {
  const rule = rules[verb];
  const { framing, challenge, ok, err } = rule;
  const plain = challenge === null && ok === null && err === null;
  const bare: ExpectedReply = { verb, rule, framing, plain, secrets: [], awaitsChallenge: false };
  return { bare, withArgument: { ...bare, framing: rule.framingWithArgument } };
}

/** The replies to all commands without a secret. They are made once, because thousands of such commands are sent. */
const replies = Object.fromEntries(
  (Object.keys(rules) as Verb[]).map((verb) => [verb, byArgument(verb)]),
) as Readonly<Record<Verb, ByArgument>>;

/** The reply that a command without a secret will have. */
export function expectedReply(verb: Verb, argument: string | null): ExpectedReply {
  return argument === null ? replies[verb].bare : replies[verb].withArgument;
}
