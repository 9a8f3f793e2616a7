import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { statusLine } from "./reply.ts";
import { type Account, behaviourOf, type Outcome, type SessionState } from "./session-state.ts";

/** USER name */
export function user(session: SessionState, name: string): Outcome {
  const refusal = refusePlaintext(session);
  if (refusal !== undefined) return refusal;
  session.user = name;
  return answer(session, "+OK");
}

/** PASS string; blanks belong to it (RFC 1939) */
export function pass(session: SessionState, password: string): Outcome {
  if (session.user === undefined) return answer(session, "-ERR USER first");
  return logIn(session, session.user, (account) => account.password === password);
}

/** APOP name digest */
export function apop(session: SessionState, text: string): Outcome {
  const [name = "", digest] = text.split(" ");
  const { apop: timestamp } = session.options;
  if (timestamp === undefined) return answer(session, "-ERR Unknown command");
  const expected = (account: Account): string =>
    createHash("md5").update(timestamp).update(Buffer.from(account.password, "latin1")).digest("hex");
  return logIn(session, name, (account) => expected(account) === digest);
}

/** AUTH mechanism [initial-response] (RFC 5034) */
export function auth(session: SessionState, text: string): Outcome {
  const [name = "", initial] = text.split(" ");
  const mechanism = name.toUpperCase();
  if (!session.options.mechanisms.includes(mechanism)) return answer(session, "-ERR Unsupported mechanism");
  const respond = mechanisms[mechanism];
  if (respond === undefined) return answer(session, "-ERR Unsupported mechanism");
  if (mechanism !== "XOAUTH2" && mechanism !== "OAUTHBEARER") {
    const refusal = refusePlaintext(session);
    if (refusal !== undefined) return refusal;
  }
  if (mechanism === "LOGIN") return respond(session, initial ?? "");
  if (initial === undefined) return challenge(session, "", (line) => respond(session, line));
  return respond(session, initial === "=" ? "" : initial);
}

const mechanisms: Readonly<Record<string, (session: SessionState, response: string) => Outcome>> = {
  PLAIN: (session, response) => {
    const [, name = "", password = ""] = decode(response).split("\0");
    return logIn(session, name, (account) => account.password === password);
  },
  LOGIN: (session) =>
    challenge(session, "Username:", (name) =>
      challenge(session, "Password:", (password) =>
        logIn(session, decode(name), (account) => account.password === decode(password)),
      ),
    ),
  XOAUTH2: (session, response) => bearer(session, response, /^user=(.*)$/),
  OAUTHBEARER: (session, response) => bearer(session, response, /^n,a=([^,]*),/),
};

/** Refuses a token: first a challenge says so, and after the client's answer to it comes the refusal (RFC 7628). */
function bearer(session: SessionState, response: string, name: RegExp): Outcome {
  const [head = "", ...pairs] = decode(response).split("\u0001");
  const token = pairs
    .map((pair) => /^auth=Bearer (.*)$/i.exec(pair)?.[1])
    .find((found) => found !== undefined);
  const account = session.accounts.get(name.exec(head)?.[1] ?? "");
  if (account?.token !== undefined && account.token === token)
    return logIn(session, account.user, () => true);
  return challenge(session, '{"status":"401","schemes":"bearer","scope":"mail"}', () =>
    answer(session, "-ERR [AUTH] Authentication failed."),
  );
}

function logIn(session: SessionState, name: string, accepts: (account: Account) => boolean): Outcome {
  session.user = name;
  const account = session.accounts.get(name);
  if (account === undefined || !accepts(account)) {
    session.user = undefined;
    return answer(session, "-ERR [AUTH] Authentication failed.");
  }
  const { maildrop } = account;
  if (maildrop.behaviour.exclusive === true && session.inUse.includes(maildrop)) {
    return answer(session, "-ERR [IN-USE] Mailbox is locked by another POP3 session.");
  }
  session.inUse.push(maildrop);
  session.user = name;
  session.account = account;
  session.state = "transaction";
  session.listing = maildrop.openListing();
  for (const message of session.listing) session.uniqueIds.set(message, message.uniqueId);
  return answer(session, "+OK Logged in.");
}

function refusePlaintext(session: SessionState): Outcome | undefined {
  if (session.tls || session.options.plaintextLogin) return undefined;
  return answer(
    session,
    "-ERR [AUTH] Plaintext authentication disallowed on non-secure (SSL/TLS) connections.",
  );
}

function challenge(session: SessionState, text: string, next: (line: string) => Outcome): Outcome {
  const outcome = answer(session, `+ ${Buffer.from(text).toString("base64")}`);
  return {
    ...outcome,
    continueWith: (line) => (line === "*" ? answer(session, "-ERR Authentication cancelled") : next(line)),
  };
}

function decode(base64: string): string {
  return Buffer.from(base64, "base64").toString("latin1");
}

function answer(session: SessionState, text: string): Outcome {
  return { reply: statusLine(text, behaviourOf(session).lineEnd) };
}
