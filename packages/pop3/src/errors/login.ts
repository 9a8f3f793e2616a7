import { Pop3Error } from "./error.ts";
import { CommandRefusedError, type Refusal } from "./refusal.ts";

/**
 * The server refused the user, the password or the token; `responseCode` and `advice` tell a wrong password
 * from a busy maildrop.
 */
export class LoginRefusedError extends CommandRefusedError {
  override readonly code = "POP3_LOGIN_REFUSED";
  /** The SASL mechanism, or null with USER, PASS and APOP. */
  readonly mechanism: string | null;
  /**
   * What the server said in a challenge before it refused, secrets masked: with XOAUTH2 and OAUTHBEARER a JSON
   * object with `status`, `scope` and the like (RFC 7628 section 3.2.2), with SCRAM `e=` and a reason (RFC 5802
   * section 7). Otherwise null.
   */
  readonly challenge: string | null;
  /** True if the session has no TLS although the server offers STLS. It may take no password without TLS. */
  readonly stlsUnused: boolean = false;

  constructor(
    verb: string,
    refusal: Refusal,
    sasl: { readonly mechanism: string; readonly challenge: string | null } | null = null,
  ) {
    super(sasl === null ? verb : `AUTH ${sasl.mechanism}`, refusal);
    this.mechanism = sasl?.mechanism ?? null;
    this.challenge = sasl?.challenge ?? null;
  }
}

/**
 * No credential was sent: no mechanism is left that the server offers, that the credentials fit, and that does not
 * reveal them on a line without TLS.
 */
export class NoMechanismError extends Pop3Error {
  readonly code = "POP3_NO_MECHANISM";
  /** SASL mechanisms that the server lists. */
  readonly offered: readonly string[];
  /** True if the session has no TLS although the server offers STLS. It may offer more mechanisms over TLS. */
  readonly stlsUnused: boolean = false;

  /** `binding`: null unless binding to the TLS channel was required, and then whether there is something to bind to. */
  constructor(offered: readonly string[], encrypted: boolean, binding: boolean | null = null) {
    const line = encrypted ? "" : " on a line without TLS";
    const list = offered.length === 0 ? "no SASL mechanism" : offered.join(" ");
    const bound = binding === null ? "" : " bound to the TLS channel (requireChannelBinding)";
    const why =
      binding === false && encrypted
        ? "this runtime and certificate give nothing to bind to"
        : `the server offers ${list}`;
    super(`no way to log in${bound}${line}: ${why}`, { sessionUsable: true });
    this.offered = offered;
  }
}

/**
 * The server did not do its part in a SASL exchange, and the client has cancelled it. With SCRAM it may mean that the
 * server does not know the password, and only claims to be the right server.
 */
export class SaslError extends Pop3Error {
  readonly code = "POP3_SASL_FAILED";
  readonly mechanism: string;

  constructor(mechanism: string, reason: string, sessionUsable = true) {
    super(`${mechanism}: ${reason}`, { sessionUsable });
    this.mechanism = mechanism;
  }
}
