import { SaslError } from "../errors/login.ts";
import { InvalidArgumentError } from "../errors/usage.ts";
import { ascii, type SaslExchange } from "./mechanism.ts";
import { saslName } from "./prepare.ts";

/** XOAUTH2 (Google, Microsoft): a refusal comes as a challenge and is answered by an empty line. */
export function xoauth2(user: string, token: string): SaslExchange {
  checkToken(token);
  if (user.includes("\u0001")) throw new InvalidArgumentError("XOAUTH2: the user holds 0x01");
  return bearer("XOAUTH2", Buffer.from(`user=${user}\u0001auth=Bearer ${token}\u0001\u0001`), "");
}

/** OAUTHBEARER (RFC 7628): a refusal comes as a challenge and is answered by 0x01 (section 3.2.3). */
export function oauthBearer(user: string, token: string, host: string, port: number): SaslExchange {
  checkToken(token);
  const pairs = [`host=${host}`, `port=${port}`, `auth=Bearer ${token}`].join("\u0001");
  const message = `n,a=${saslName(user)},\u0001${pairs}\u0001\u0001`;
  return bearer("OAUTHBEARER", Buffer.from(message), "\u0001");
}

function bearer(mechanism: string, initial: Buffer, acknowledgement: string): SaslExchange {
  let failure: string | null = null;
  return {
    initial,
    answer(challenge) {
      if (failure !== null) throw new SaslError(mechanism, "the server sent a second challenge");
      failure = Buffer.from(challenge).toString("utf8");
      return ascii(acknowledgement);
    },
    get incomplete() {
      return failure === null ? null : "the server had refused the token";
    },
    secretUsed: true,
    get failure() {
      return failure;
    },
  };
}

/** RFC 6750 section 2.1: a b64token, and whatever else providers make of it without blanks or controls. */
function checkToken(token: string): void {
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new InvalidArgumentError("the token is empty or holds something else than visible ASCII");
  }
}
