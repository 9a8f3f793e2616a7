import type { Capabilities } from "../protocol/capabilities.ts";
import type { ChannelBinding } from "./mechanism.ts";

export const mechanisms = [
  "SCRAM-SHA-256-PLUS",
  "SCRAM-SHA-1-PLUS",
  "SCRAM-SHA-256",
  "SCRAM-SHA-1",
  "CRAM-MD5",
  "APOP",
  "USER",
  "PLAIN",
  "LOGIN",
  "OAUTHBEARER",
  "XOAUTH2",
] as const;

/** Ways to log in: SASL mechanisms by their registered names, `APOP`, and `USER` for USER and PASS. */
export type Mechanism = (typeof mechanisms)[number];

/** One way to log in. */
export interface Way {
  readonly mechanism: Mechanism;
  /** What a -PLUS mechanism is bound to; otherwise null. */
  readonly binding: ChannelBinding | null;
}

/** What the choice depends on. */
export interface Situation {
  readonly kind: "password" | "token";
  /** User and password are ASCII. */
  readonly ascii: boolean;
  readonly encrypted: boolean;
  readonly capabilities: Capabilities | null;
  readonly apopTimestamp: string | null;
  readonly bindings: readonly ChannelBinding[];
  /** True: only mechanisms that are bound to the TLS channel. */
  readonly bound: boolean;
  /** The only mechanisms that the caller allows, in this order; null: the usual ones. */
  readonly named: readonly Mechanism[] | null;
}

const scram: readonly Mechanism[] = [
  "SCRAM-SHA-256-PLUS",
  "SCRAM-SHA-1-PLUS",
  "SCRAM-SHA-256",
  "SCRAM-SHA-1",
];
const tokens: readonly Mechanism[] = ["OAUTHBEARER", "XOAUTH2"];
const digests: readonly Mechanism[] = ["CRAM-MD5", "APOP"];
const clear: readonly Mechanism[] = ["USER", "PLAIN", "LOGIN"];

/** Whether somebody who reads along on a line without TLS gets the password or the token. */
export function reveals(mechanism: Mechanism): boolean {
  return clear.includes(mechanism) || tokens.includes(mechanism);
}

/**
 * The ways to log in, the best first; none if there is no way.
 *
 * SCRAM comes first. With TLS the ways that give the server the password come next, because MD5 adds no protection there
 * and needs a server that keeps passwords readable. Without TLS it is the other way round. USER and PASS come before
 * PLAIN where the server lists USER, because every server knows them.
 */
export function waysToLogIn(situation: Situation): Way[] {
  const { kind, named, encrypted, bindings, bound } = situation;
  const order = named ?? (kind === "token" ? (encrypted ? tokens : []) : passwordOrder(situation));
  return order
    .filter((mechanism) => tokens.includes(mechanism) === (kind === "token"))
    .filter((mechanism) => offers(situation, mechanism))
    .flatMap((mechanism): Way[] => {
      if (mechanism.endsWith("-PLUS")) return bindings.map((binding) => ({ mechanism, binding }));
      return bound ? [] : [{ mechanism, binding: null }];
    });
}

function passwordOrder({ encrypted, capabilities, ascii }: Situation): readonly Mechanism[] {
  const listsUser = capabilities?.has("USER") ?? true;
  const last: readonly Mechanism[] = listsUser && ascii ? clear : ["PLAIN", "USER", "LOGIN"];
  return encrypted ? [...scram, ...last, ...digests] : [...scram, ...digests, ...last];
}

function offers({ capabilities, apopTimestamp, encrypted, named }: Situation, mechanism: Mechanism): boolean {
  if (mechanism === "APOP") return apopTimestamp !== null;
  if (mechanism === "USER") {
    // RFC 2595 section 2.2: a server that wants TLS first does not list USER. It would refuse a revealed password.
    const wantsTls =
      capabilities !== null &&
      !capabilities.has("USER") &&
      (capabilities.has("STLS") || capabilities.has("SASL"));
    return encrypted || named !== null || !wantsTls;
  }
  if (capabilities?.has("SASL") !== true) return named !== null;
  return capabilities.args("SASL").some((offered) => offered.toUpperCase() === mechanism);
}
