import type { Verb } from "./behaviour.ts";
import { listing, messageOf, octetsOf } from "./listing-commands.ts";
import { apop, auth, pass, user } from "./login.ts";
import { serveMessage, serveTop } from "./message-commands.ts";
import { listingReply, statusLine } from "./reply.ts";
import { behaviourOf, type Outcome, type SessionState, type State } from "./session-state.ts";

interface Command {
  readonly states: readonly State[];
  /** Its argument is a message number, so `behaviour.refuse` applies. */
  readonly aboutMessage?: true;
  readonly run: (session: SessionState, text: string) => Outcome;
}

/** Every command, and the states in which it may be given (RFC 1939, 2449, 2595, 5034, 6856). */
const commands: Readonly<Record<Verb, Command>> = {
  CAPA: { states: ["authorization", "transaction"], run: capa },
  STLS: { states: ["authorization"], run: stls },
  UTF8: { states: ["authorization"], run: utf8 },
  USER: { states: ["authorization"], run: user },
  PASS: { states: ["authorization"], run: pass },
  APOP: { states: ["authorization"], run: apop },
  AUTH: { states: ["authorization"], run: auth },
  STAT: { states: ["transaction"], run: stat },
  LIST: {
    states: ["transaction"],
    aboutMessage: true,
    run: (session, text) => listing(session, "LIST", text),
  },
  UIDL: {
    states: ["transaction"],
    aboutMessage: true,
    run: (session, text) => listing(session, "UIDL", text),
  },
  RETR: { states: ["transaction"], aboutMessage: true, run: serveMessage },
  TOP: { states: ["transaction"], aboutMessage: true, run: serveTop },
  DELE: { states: ["transaction"], aboutMessage: true, run: dele },
  RSET: { states: ["transaction"], run: rset },
  NOOP: { states: ["transaction"], run: (session) => answer(session, "+OK") },
  LAST: { states: ["transaction"], run: last },
  QUIT: { states: ["authorization", "transaction"], run: quit },
};

/** Carries out one command line. */
export function carryOut(session: SessionState, verb: Verb, text: string): Outcome {
  const command = commands[verb];
  const behaviour = behaviourOf(session);
  if (command === undefined || behaviour.without?.includes(verb))
    return answer(session, "-ERR Unknown command.");
  const refusal = behaviour.refusals?.[verb];
  if (refusal !== undefined) return answer(session, refusal);
  if (!command.states.includes(session.state)) return answer(session, "-ERR Not in this state.");
  if (command.aboutMessage && behaviour.refuse !== undefined && text !== "") {
    const messageNumber = Number.parseInt(text, 10);
    const message = session.listing[messageNumber - 1];
    const refused = message && behaviour.refuse(verb, messageNumber, message);
    if (refused !== undefined) return answer(session, refused);
  }
  return command.run(session, text);
}

function capa(session: SessionState): Outcome {
  const behaviour = behaviourOf(session);
  const lines = behaviour.capabilities?.(session.state) ?? usualCapabilities(session);
  return { reply: listingReply("+OK", lines, behaviour.lineEnd) };
}

function* usualCapabilities(session: SessionState): Iterable<string> {
  const { without = [], pipelining = "announced" } = behaviourOf(session);
  const { stls: offersStls, plaintextLogin, mechanisms } = session.options;
  const has = (verb: Verb): boolean => !without.includes(verb);
  if (has("TOP")) yield "TOP";
  if (has("UIDL")) yield "UIDL";
  yield "RESP-CODES";
  yield "AUTH-RESP-CODE";
  if (pipelining !== "unannounced") yield "PIPELINING";
  if (session.state === "transaction") return;
  if (has("UTF8")) yield "UTF8";
  if (offersStls && !session.tls && has("STLS")) yield "STLS";
  if (!plaintextLogin && !session.tls) return;
  if (has("USER")) yield "USER";
  if (has("AUTH") && mechanisms.length > 0) yield `SASL ${mechanisms.join(" ")}`;
}

function stls(session: SessionState): Outcome {
  if (!session.options.stls || session.tls) return answer(session, "-ERR TLS is not available.");
  return { ...answer(session, "+OK Begin TLS negotiation now."), after: "tls" };
}

function utf8(session: SessionState): Outcome {
  session.utf8 = true;
  return answer(session, "+OK");
}

function stat(session: SessionState): Outcome {
  let octets = 0;
  let count = 0;
  session.listing.forEach((message, index) => {
    if (session.deleted.has(index + 1)) return;
    count += 1;
    octets += octetsOf(session, message, index + 1);
  });
  return answer(session, `+OK ${count} ${octets}`);
}

function dele(session: SessionState, text: string): Outcome {
  const found = messageOf(session, text);
  if (found === undefined) return answer(session, "-ERR There's no such message.");
  session.deleted.add(found.messageNumber);
  return answer(session, "+OK Marked to be deleted.");
}

function rset(session: SessionState): Outcome {
  session.deleted.clear();
  return answer(session, "+OK");
}

function last(session: SessionState): Outcome {
  let highest = 0;
  session.listing.forEach((message, index) => {
    if (session.retrieved.has(message)) highest = index + 1;
  });
  return answer(session, `+OK ${highest}`);
}

function quit(session: SessionState): Outcome {
  const maildrop = session.account?.maildrop;
  if (maildrop !== undefined && session.state === "transaction") {
    if (maildrop.behaviour.hidesRetrieved === true) {
      for (const message of session.retrieved) message.hidden = true;
    }
    for (const messageNumber of session.deleted) {
      const message = session.listing[messageNumber - 1];
      if (message !== undefined && maildrop.behaviour.deletes !== false) maildrop.remove(message);
    }
  }
  return { ...answer(session, "+OK Logging out."), after: "end" };
}

function answer(session: SessionState, text: string): Outcome {
  return { reply: statusLine(text, behaviourOf(session).lineEnd) };
}
