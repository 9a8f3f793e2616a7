import { check, type Rules, rule } from "../options/rules.ts";
import { type Mechanism, mechanisms } from "../sasl/choice.ts";

/** How to log in. */
export interface LoginOptions {
  /**
   * Only these mechanisms, in this order of preference. If the server lists no SASL mechanisms, they are tried without
   * being listed. Without TLS a token is sent only by a mechanism named here. Default: the best, see `login`.
   */
  readonly mechanisms?: readonly Mechanism[];
  /**
   * True: only SCRAM-PLUS, which is bound to the TLS channel. Otherwise SCRAM follows unbound where the server does not
   * offer -PLUS or refuses it without a reason, as Cyrus does. SCRAM never shows the password, and the server notices if
   * somebody has taken -PLUS out of its offer. But somebody in the middle whose certificate is trusted can force that
   * refusal, and then sits in a session that is logged in. This option or a pinned certificate excludes it. Default false.
   */
  readonly requireChannelBinding?: boolean;
  /** False: an initial response is never sent along with AUTH. Default true: it is if the line fits in 255 octets. */
  readonly initialResponse?: boolean;
  /**
   * False: `login` resolves as soon as the server has accepted. Where PIPELINING is listed, the capabilities are then read
   * while the first commands are already under way, which saves a round trip. Until their reply has arrived,
   * `capabilities` are those from before the login. Default true.
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
