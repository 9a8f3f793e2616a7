import { check, type Rules, rule } from "../options/rules.ts";
import { type Mechanism, mechanisms } from "../sasl/choice.ts";

/** How to log in. */
export interface LoginOptions {
  /**
   * Only these, the first that the server offers; where it lists no SASL mechanisms they are tried unseen. A
   * token is sent on a line without TLS only by a mechanism named here. Default: the best, see `login`.
   */
  readonly mechanisms?: readonly Mechanism[];
  /**
   * Only SCRAM-PLUS, bound to the TLS channel. Without this, SCRAM follows unbound where the server does not
   * offer -PLUS or refuses it without a word (Cyrus does). SCRAM never shows the password, and a stripped offer
   * is noticed by the server; but somebody in the middle whose certificate is trusted can force that refusal
   * and then sits in a session that is logged in. Against that: this option, or a pinned certificate.
   * Default false.
   */
  readonly requireChannelBinding?: boolean;
  /** False: an initial response is never sent along with AUTH. Default: where the line fits in 255 octets. */
  readonly initialResponse?: boolean;
  /**
   * False: `login` resolves as soon as the server has accepted. Where PIPELINING is listed the capabilities are
   * then read while the first commands are already under way, which saves a round trip; until their reply is
   * here, `capabilities` are those from before the login. Default true.
   */
  readonly awaitCapabilities?: boolean;
}

const loginRules: Rules<LoginOptions> = {
  mechanisms: {
    allowed: `a list of ${mechanisms.join(", ")}`,
    fits: (value) => Array.isArray(value) && value.every((one) => mechanisms.includes(one)),
  },
  requireChannelBinding: rule.truth,
  initialResponse: rule.truth,
  awaitCapabilities: rule.truth,
};

/** Throws InvalidArgumentError, which names the option, what was given and what is allowed. */
export function checkLoginOptions(options: LoginOptions): void {
  check("login", "options", options, loginRules);
}
