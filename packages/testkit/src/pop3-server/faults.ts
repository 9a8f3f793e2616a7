import type { Verb } from "./behaviour.ts";

/** Where in a connection a fault happens. */
export interface FaultPoint {
  /** The command whose reply is hit; `GREETING` is what the server sends first, `ANY` any command. */
  readonly verb: Verb | "GREETING" | "ANY";
  /** Which of these commands of the connection, from 1: 2 is the second. Default: each of them. */
  readonly nth?: number;
  /** Only commands with this message number. */
  readonly messageNumber?: number;
  /** Only this connection of the server, from 1. Default: every connection. */
  readonly connection?: number;
  /** How many times it happens at most, over all connections of the server. */
  readonly times?: number;
  /** After how many octets of the reply it happens. Default 0; for `insert` the end of the reply. */
  readonly afterOctets?: number;
}

/**
 * A fault. One that ends or replaces a reply before its first octet keeps the command from being carried out; one
 * that comes later does not (so `QUIT` with `close` at 0 is a QUIT that the server never acted upon).
 */
export type Fault = { readonly at: FaultPoint } & (
  | {
      /**
       * `close`: the connection ends after what was sent so far (FIN). `reset`: it breaks (RST). Octets that the client
       * has not read yet may be lost. A client that reads the last octets at that very moment is told of an end, not of a
       * reset (libuv), so a test that wants ECONNRESET leaves `afterOctets` out. `stall`: the server never sends or reads
       * anything again. `truncate`: the rest of the reply is left out, and the session goes on.
       */
      readonly do: "close" | "reset" | "stall" | "truncate";
    }
  | {
      /** This line stands in place of the reply. Unless it begins with `+OK` the command is not carried out. */
      readonly do: "reply";
      readonly text: string;
    }
  | {
      /** Octets are put into the reply (`insert`), or in place of as many (`overwrite`) or of all the rest (`garble`). */
      readonly do: "insert" | "overwrite" | "garble";
      readonly octets: Uint8Array | string;
    }
  | {
      /** From there on it sends these octets again and again, by default lines of text, as long as the client reads. */
      readonly do: "endless";
      readonly octets?: string;
    }
  | {
      /** From there on it sends one octet at a time, twenty a second, as long as the client waits. */
      readonly do: "drip";
    }
  | {
      /** Waits there for the promise, then goes on. */
      readonly do: "hold";
      readonly until: () => Promise<unknown>;
    }
);

/** The faults of a server: for all its connections, or asked for at each new one (from 1). */
export type FaultPlan = readonly Fault[] | ((connection: number) => readonly Fault[]);

/** Finds the faults that a command of one connection meets, and counts. */
export class FaultCounter {
  readonly #faults: () => readonly Fault[];
  readonly #connection: number;
  readonly #fired: Map<Fault, number>;
  readonly #seen = new Map<string, number>();

  /** `fired` is shared by the connections of a server, for `times`. */
  constructor(faults: () => readonly Fault[], connection: number, fired: Map<Fault, number>) {
    this.#faults = faults;
    this.#connection = connection;
    this.#fired = fired;
  }

  /** The fault that this command meets: the first that fits. */
  next(verb: Verb | "GREETING", messageNumber?: number): Fault | undefined {
    const count = this.#count(verb);
    const any = verb === "GREETING" ? 0 : this.#count("ANY");
    const found = this.#faults().find((fault) => {
      const { at } = fault;
      if (at.verb !== verb && (at.verb !== "ANY" || verb === "GREETING")) return false;
      if (at.nth !== undefined && at.nth !== (at.verb === "ANY" ? any : count)) return false;
      if (at.messageNumber !== undefined && at.messageNumber !== messageNumber) return false;
      if (at.connection !== undefined && at.connection !== this.#connection) return false;
      return at.times === undefined || (this.#fired.get(fault) ?? 0) < at.times;
    });
    if (found !== undefined) this.#fired.set(found, (this.#fired.get(found) ?? 0) + 1);
    return found;
  }

  #count(key: string): number {
    const count = (this.#seen.get(key) ?? 0) + 1;
    this.#seen.set(key, count);
    return count;
  }
}

/** Whether a fault leaves its command without any effect on the server. */
export function prevents(fault: Fault): boolean {
  if (fault.do === "insert" || fault.do === "overwrite" || fault.do === "hold") return false;
  if (fault.do === "reply") return !fault.text.startsWith("+OK");
  return (fault.at.afterOctets ?? 0) === 0;
}
