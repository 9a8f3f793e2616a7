import { LoginRefusedError, NoMechanismError, SaslError } from "../errors/login.ts";
import { InvalidArgumentError } from "../errors/usage.ts";
import { authCommand, command, responseCommand } from "../protocol/command.ts";
import { maskAll } from "../protocol/status.ts";
import { oauthBearer, xoauth2 } from "../sasl/bearer.ts";
import { type Mechanism, reveals, type Way, waysToLogIn } from "../sasl/choice.ts";
import type { SaslExchange } from "../sasl/mechanism.ts";
import { apopDigest, cramMd5, login as loginExchange, plain } from "../sasl/password.ts";
import { Scram } from "../sasl/scram.ts";
import type { Session } from "../session/pop3-session.ts";
import type { Connected } from "./connected.ts";
import { type Credentials, secretOf } from "./credentials.ts";
import type { LoginOptions } from "./login-options.ts";

/** RFC 5034 section 4: a longer command must wait for a challenge. */
const longestCommand = 255;

/**
 * Logs in by the best way. It tries the next best only where the server refused before anything was sent that depends on
 * the secret, or refused channel binding without giving a reason: Cyrus offers binding, says that the password is wrong,
 * and means that it knows another kind of binding. Throws LoginRefusedError, NoMechanismError, SaslError.
 *
 * @returns the mechanism that was used
 */
export async function logIn(
  session: Session,
  credentials: Credentials,
  connected: Connected,
  options: LoginOptions,
): Promise<Mechanism> {
  const { encrypted, capabilities } = connected;
  const ways = waysToLogIn({
    ...connected,
    apopTimestamp: connected.greeting.apopTimestamp,
    kind: "token" in credentials ? "token" : "password",
    ascii: /^[\0-\x7f]*$/.test(`${credentials.user}${secretOf(credentials)}`),
    bound: options.requireChannelBinding ?? false,
    named: options.mechanisms ?? null,
  });
  let refused: Refused | null = null;
  let unbound = false;
  for (const way of ways) {
    const { mechanism } = way;
    if (unbound && (way.binding !== null || !mechanism.startsWith("SCRAM-"))) continue;
    // Without TLS anybody on the way can refuse a mechanism that hides the password: that must not make us reveal it.
    if (refused !== null && !encrypted && reveals(mechanism)) break;
    refused = await attempt(session, way, credentials, connected, options);
    if (refused === null) return mechanism;
    if (refused.error.advice === "later" || !session.usable) break;
    if (refused.secretUsed && (way.binding === null || refused.error.challenge !== null)) break;
    unbound ||= refused.secretUsed;
  }
  const binding = options.requireChannelBinding === true ? connected.bindings.length > 0 : null;
  const error = refused?.error ?? new NoMechanismError(capabilities?.args("SASL") ?? [], encrypted, binding);
  throw Object.assign(error, { stlsUnused: !encrypted && capabilities?.has("STLS") === true });
}

/** How a login was refused, and whether anything had been sent that depends on the secret. */
interface Refused {
  readonly error: LoginRefusedError;
  readonly secretUsed: boolean;
}

function attempt(
  session: Session,
  way: Way,
  credentials: Credentials,
  connected: Connected,
  options: LoginOptions,
): Promise<Refused | null> {
  const { user } = credentials;
  const secret = secretOf(credentials);
  if (way.mechanism === "USER") return userAndPass(session, user, secret);
  if (way.mechanism === "APOP") return apop(session, user, secret, connected.greeting.apopTimestamp ?? "");
  const exchange = begin(way, user, secret, session.limits.scramIterations, connected);
  return sasl(session, way.mechanism, exchange, secret, options.initialResponse ?? true);
}

async function userAndPass(session: Session, user: string, password: string): Promise<Refused | null> {
  // Both are checked before either is sent. They are not pipelined, although Dovecot takes that: its second small answer
  // waits until the first is acknowledged (Nagle's algorithm), which takes 40 ms where the client has nothing to send.
  for (const credential of [command("USER", user), command("PASS", password)]) {
    session.send(credential);
    const status = await session.replies.readStatus();
    if (!status.ok) return { error: new LoginRefusedError(status.verb, status), secretUsed: true };
  }
  return null;
}

async function apop(
  session: Session,
  user: string,
  password: string,
  timestamp: string,
): Promise<Refused | null> {
  if (/[ \t]/.test(user)) throw new InvalidArgumentError("APOP: the user holds a blank");
  session.send({ ...command("APOP", user, apopDigest(timestamp, password)), masked: [password] });
  const status = await session.replies.readStatus();
  return status.ok ? null : { error: new LoginRefusedError("APOP", status), secretUsed: true };
}

async function sasl(
  session: Session,
  mechanism: Mechanism,
  exchange: SaslExchange,
  secret: string,
  mayLead: boolean,
): Promise<Refused | null> {
  const masked = [secret];
  // RFC 5034 section 4: "=" is an empty initial response.
  const initial = exchange.initial === null ? null : base64(exchange.initial) || "=";
  const fits = initial !== null && `AUTH ${mechanism} ${initial}\r\n`.length <= longestCommand;
  let waiting = mayLead && fits ? null : exchange.initial;
  let used = waiting === null && exchange.initial !== null && exchange.secretUsed;
  session.send(authCommand(mechanism, mayLead && fits ? initial : null, masked));
  for (;;) {
    const reply = await session.replies.readReply();
    if (reply.kind === "challenge") {
      const challenge = unbase64(reply.base64);
      let answer: Uint8Array;
      try {
        if (challenge === null) throw new SaslError(mechanism, "a challenge is not base64");
        answer = waiting ?? (await exchange.answer(challenge));
      } catch (error) {
        throw await cancelled(session, mechanism, error);
      }
      waiting = null;
      used ||= exchange.secretUsed;
      session.send(responseCommand(base64(answer)));
    } else if (!reply.ok) {
      const challenge = exchange.failure === null ? null : maskAll(exchange.failure, masked);
      return { error: new LoginRefusedError("AUTH", reply, { mechanism, challenge }), secretUsed: used };
    } else if (exchange.incomplete !== null) {
      await session.close();
      throw new SaslError(mechanism, `the server accepts, but ${exchange.incomplete}`, false);
    } else {
      return null;
    }
  }
}

/** Cancels the exchange (RFC 5034 section 4), so that the session stays in step. */
async function cancelled(session: Session, mechanism: Mechanism, error: unknown): Promise<unknown> {
  session.send(responseCommand("*"));
  const reply = await session.replies.readReply();
  if (reply.kind === "status" && !reply.ok) return error;
  await session.close();
  return new SaslError(mechanism, "the server does not take a cancellation for one", false);
}

function begin(
  { mechanism, binding }: Way,
  user: string,
  secret: string,
  mostIterations: number,
  { host, port, bindings, capabilities }: Connected,
): SaslExchange {
  switch (mechanism) {
    case "PLAIN":
      return plain(user, secret);
    case "LOGIN":
      return loginExchange(user, secret);
    case "CRAM-MD5":
      return cramMd5(user, secret);
    case "XOAUTH2":
      return xoauth2(user, secret);
    case "OAUTHBEARER":
      return oauthBearer(user, secret, host, port);
    default: {
      const hash = mechanism.startsWith("SCRAM-SHA-256") ? "sha256" : "sha1";
      const offersPlus = capabilities?.args("SASL").some((one) => /^SCRAM-.*-PLUS$/i.test(one)) ?? false;
      const couldBind = bindings.length > 0 && !offersPlus;
      return new Scram({ hash, user, password: secret, binding, couldBind, mostIterations });
    }
  }
}

function base64(octets: Uint8Array): string {
  return Buffer.from(octets).toString("base64");
}

function unbase64(text: string): Uint8Array | null {
  const ok = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(text);
  return ok ? Buffer.from(text, "base64") : null;
}
