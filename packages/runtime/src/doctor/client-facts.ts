import { lookup } from "node:dns/promises";
import type { Capabilities, Pop3Client } from "@mailonce/pop3";
import type { CapabilityFacts, LoginResult, LookUpFacts } from "./facts.ts";

const ROUND_TRIPS = 3;

/** Mechanisms by which the server gets the password or the token. */
const REVEALING = new Set(["USER", "PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"]);

/** Looks the server's name up. @throws an error with the POP3 client's code for it */
export async function lookUp(host: string): Promise<LookUpFacts> {
  const start = performance.now();
  const found = await lookup(host, { all: true }).catch((error: unknown) => {
    // The same code as the POP3 client's error, so that failureOf has the same words for it.
    throw Object.assign(new Error("the name cannot be looked up"), {
      code: "POP3_CONNECT_FAILED",
      cause: error,
    });
  });
  return { addresses: found.map(({ address }) => address), ms: performance.now() - start };
}

/** What the server says that it can do, before and after the login. */
export function capabilityFacts(before: Capabilities | null, after: Capabilities | null): CapabilityFacts {
  const now = after ?? before;
  return {
    beforeLogin: before === null ? null : linesOf(before),
    afterLogin: after === null ? null : linesOf(after),
    implementation: now?.implementation ?? before?.implementation ?? null,
    expireDays: now?.expireDays ?? null,
    loginDelaySeconds: now?.loginDelaySeconds ?? null,
    pipelining: now?.has("PIPELINING") ?? false,
  };
}

function linesOf(capabilities: Capabilities): string[] {
  return capabilities.tags.map((tag) => [tag, ...capabilities.args(tag)].join(" "));
}

/** How the client has logged in, and how it could have. */
export function mechanismFacts(
  client: Pop3Client,
  before: Capabilities | null,
): Pick<LoginResult, "mechanism" | "reveals" | "offered"> {
  const offered = [
    ...(before === null || before.has("USER") ? ["USER"] : []),
    ...(client.greeting.apopTimestamp === null ? [] : ["APOP"]),
    ...(before?.args("SASL") ?? []).map((name) => name.toUpperCase()),
  ];
  const mechanism = client.mechanism ?? "USER";
  return { mechanism, reveals: REVEALING.has(mechanism), offered };
}

/** Milliseconds that a command and its answer take: the median of a few. */
export async function roundTrip(client: Pop3Client): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < ROUND_TRIPS; n++) {
    const start = performance.now();
    await client.noop();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[Math.floor(ROUND_TRIPS / 2)] ?? 0;
}
