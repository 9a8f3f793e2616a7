import { type Framing, type Rule, rules, type Verb } from "./verbs.ts";

/** What a command that was sent is answered by. */
export interface Expected {
  readonly verb: Verb;
  readonly rule: Rule;
  readonly framing: Framing;
  /** The reply holds no secret, is no challenge, and changes no state. */
  readonly plain: boolean;
  /** What the reply must not repeat; empty unless the command carries a secret. */
  readonly secrets: readonly string[];
  /** AUTH without an initial response. */
  readonly unanswered: boolean;
}

interface Usual {
  readonly bare: Expected;
  readonly withArgument: Expected;
}

function usual(verb: Verb): Usual {
  const rule = rules[verb];
  const { framing, challenge, ok, err } = rule;
  const plain = challenge === null && ok === null && err === null;
  const bare: Expected = { verb, rule, framing, plain, secrets: [], unanswered: false };
  return { bare, withArgument: { ...bare, framing: rule.framingWithArgument } };
}

/** Of commands without a secret, made once: thousands of them are sent. */
const usually = Object.fromEntries(
  (Object.keys(rules) as Verb[]).map((verb) => [verb, usual(verb)]),
) as Readonly<Record<Verb, Usual>>;

/** What a command is answered by that carries no secret. */
export function expectedOf(verb: Verb, argument: string | null): Expected {
  return argument === null ? usually[verb].bare : usually[verb].withArgument;
}
