import type { Pop3Error } from "../src/errors/error.ts";
import { type Command, command } from "../src/protocol/command.ts";
import { Engine } from "../src/protocol/engine.ts";
import { defaultLimits, type Limits } from "../src/protocol/limits.ts";
import type { Reply } from "../src/protocol/reply.ts";

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

/** What the engine gives to who reads whatever has arrived. */
export type Given = Reply | Uint8Array | null | Pop3Error;

/** An engine whose replies are read as they arrive. */
export class ReadEngine extends Engine {
  /** Whether each chunk that was read may echo a secret. */
  readonly secrets: boolean[];
  readonly #given: Given[];

  constructor(limits: Partial<Limits> = {}) {
    const given: Given[] = [];
    const secrets: boolean[] = [];
    super(
      { ...defaultLimits, ...limits },
      { taken: (_, secret) => secrets.push(secret), fatal: (error) => given.push(error) },
    );
    this.#given = given;
    this.secrets = secrets;
  }

  /** All that was given since it was last asked. */
  read(): Given[] {
    try {
      for (;;) {
        const next = this.inBody ? this.readData() : this.readReply();
        if (next === undefined) break;
        this.#given.push(next);
        // The end of a multi-line reply may be known with its last octets.
        if (next instanceof Uint8Array && !this.inBody) this.#given.push(null);
        this.readUnasked();
      }
    } catch {
      // It was told as fatal.
    }
    return this.#given.splice(0);
  }
}

/** What a reader may rely on: replies in order, data in one piece. */
export type Told = string;

/** Plays a transcript; `split` cuts what arrives into chunks. */
export function play(
  steps: readonly Step[],
  split: (octets: Buffer) => readonly Buffer[] = (octets) => [octets],
  limits: Partial<Limits> = {},
): Told[] {
  const engine = new ReadEngine(limits);
  const given: Given[] = [];
  for (const step of steps) {
    if ("send" in step) engine.send(step.send);
    // Each chunk in memory of its own, as from a socket.
    else
      for (const chunk of split(step.receive)) {
        engine.receive(Buffer.from(chunk));
        given.push(...engine.read());
      }
  }
  return tell(given);
}

function tell(given: readonly Given[]): Told[] {
  const told: Told[] = [];
  let data: Uint8Array[] = [];
  const flush = (): void => {
    if (data.length > 0) told.push(`data ${JSON.stringify(Buffer.concat(data).toString("latin1"))}`);
    data = [];
  };
  for (const one of given) {
    if (one instanceof Uint8Array) {
      data.push(one);
      continue;
    }
    flush();
    if (one === null) told.push("end");
    else if (one instanceof Error) told.push(`fatal ${one.code}`);
    else if (one.kind === "challenge") told.push(`challenge ${one.base64}`.trimEnd());
    else {
      const code = one.responseCode === null ? "" : ` [${one.responseCode}]`;
      told.push(`${one.verb} ${one.ok ? "+OK" : "-ERR"}${code} ${one.statusText}`.trimEnd());
    }
  }
  flush();
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
