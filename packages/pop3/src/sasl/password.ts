import { createHash, createHmac } from "node:crypto";
import { SaslError } from "../errors/login.ts";
import type { SaslExchange } from "./mechanism.ts";

/** PLAIN (RFC 4616). */
export function plain(user: string, password: string): SaslExchange {
  return oneAnswer("PLAIN", Buffer.from(`\0${user}\0${password}`));
}

/** LOGIN (never an RFC): name and password, each after a prompt whose text varies between servers. */
export function login(user: string, password: string): SaslExchange {
  const answers = [user, password];
  return {
    initial: null,
    answer() {
      const next = answers.shift();
      if (next === undefined) throw new SaslError("LOGIN", "the server asks for a third time");
      return Buffer.from(next);
    },
    get incomplete() {
      return answers.length > 0 ? "the server did not ask for the password" : null;
    },
    get secretUsed() {
      return answers.length === 0;
    },
    failure: null,
  };
}

/** CRAM-MD5 (RFC 2195). */
export function cramMd5(user: string, password: string): SaslExchange {
  let answered = false;
  return {
    initial: null,
    answer(challenge) {
      if (answered) throw new SaslError("CRAM-MD5", "the server sent a second challenge");
      answered = true;
      return Buffer.from(`${user} ${createHmac("md5", password).update(challenge).digest("hex")}`);
    },
    get incomplete() {
      return answered ? null : "the server sent no challenge";
    },
    get secretUsed() {
      return answered;
    },
    failure: null,
  };
}

/** The digest of APOP (RFC 1939 section 7). */
export function apopDigest(timestamp: string, password: string): string {
  return createHash("md5").update(timestamp).update(password).digest("hex");
}

/** A mechanism that has one thing to say. */
function oneAnswer(mechanism: string, initial: Buffer): SaslExchange {
  return {
    initial,
    answer() {
      throw new SaslError(mechanism, "the server asks for more");
    },
    incomplete: null,
    secretUsed: true,
    failure: null,
  };
}
