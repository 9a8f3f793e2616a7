import { type Command, command } from "../src/protocol/command.ts";
import { Engine, type EngineEvent } from "../src/protocol/engine.ts";
import { defaultLimits, type Limits } from "../src/protocol/limits.ts";

/** A line to send (`C: RETR 1`), or octets that arrive. */
export type Step = { readonly send: Command } | { readonly receive: Buffer };

export const c = (verb: Command["verb"], ...args: readonly (string | number)[]): Step => ({
  send: command(verb, ...args),
});
export const s = (octets: string | Uint8Array): Step => ({
  receive: typeof octets === "string" ? Buffer.from(octets, "latin1") : Buffer.from(octets),
});

export const loggedIn: readonly Step[] = [
  s("+OK ready\r\n"),
  c("USER", "u"),
  s("+OK\r\n"),
  c("PASS", "p"),
  s("+OK\r\n"),
];

/** What a reader may rely on: events in order, data in one piece. */
export type Told = string;

/** Plays a transcript; `split` cuts what arrives into chunks. */
export function play(
  steps: readonly Step[],
  split: (octets: Buffer) => readonly Buffer[] = (octets) => [octets],
  limits: Partial<Limits> = {},
): Told[] {
  const engine = new Engine({ ...defaultLimits, ...limits });
  const events: EngineEvent[] = [];
  for (const step of steps) {
    if ("send" in step) engine.send(step.send);
    // Each chunk in memory of its own, as from a socket.
    else for (const chunk of split(step.receive)) events.push(...engine.receive(Buffer.from(chunk)));
  }
  return tell(events);
}

function tell(events: readonly EngineEvent[]): Told[] {
  const told: Told[] = [];
  let data: Uint8Array[] = [];
  for (const event of events) {
    if (event.kind === "data") {
      data.push(event.octets);
      continue;
    }
    if (data.length > 0) told.push(`data ${JSON.stringify(Buffer.concat(data).toString("latin1"))}`);
    data = [];
    if (event.kind === "status") {
      const code = event.responseCode === null ? "" : ` [${event.responseCode}]`;
      told.push(`${event.verb} ${event.ok ? "+OK" : "-ERR"}${code} ${event.statusText}`.trimEnd());
    } else if (event.kind === "challenge") {
      told.push(`challenge ${event.base64}`.trimEnd());
    } else {
      told.push(event.kind === "end" ? "end" : `fatal ${event.error.code}`);
    }
  }
  if (data.length > 0) told.push(`data ${JSON.stringify(Buffer.concat(data).toString("latin1"))}`);
  return told;
}

export const octetByOctet = (octets: Buffer): Buffer[] => [...octets].map((octet) => Buffer.of(octet));

/** Cuts at the given places, each a fraction of the length. */
export const cutAt =
  (places: readonly number[]) =>
  (octets: Buffer): Buffer[] => {
    const cuts = places.map((place) => Math.floor(place * octets.length)).sort((a, b) => a - b);
    return [...cuts, octets.length].map((to, index) => octets.subarray(cuts[index - 1] ?? 0, to));
  };
