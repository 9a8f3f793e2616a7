import type { ServedMessage } from "./served-message.ts";

/** How a connection ended, or that it has not yet. */
export type SessionEnd = "open" | "quit" | "by client" | "by fault" | "by server";

/** What one connection did. It grows while the connection lives. */
export interface Pop3Session {
  /** From 1, in the order of the connections. */
  readonly number: number;
  /** Who tried to log in last. */
  readonly user: string | undefined;
  /** Whether the login succeeded. */
  readonly loggedIn: boolean;
  /** Whether TLS was set up, at once or with STLS. */
  readonly tls: boolean;
  /** Every line that the client sent, in order; of PASS, AUTH and its continuations only the verb and `***`. */
  readonly commands: readonly string[];
  /** Message numbers whose RETR reply was sent to its end. */
  readonly retrieved: readonly number[];
  /** The messages themselves, in the order of `retrieved`. */
  readonly retrievedMessages: readonly ServedMessage[];
  /** Whether the client sent QUIT. */
  readonly quit: boolean;
  readonly ended: SessionEnd;
  /** The largest number of commands that the server had received and not yet answered. */
  readonly deepestPipeline: number;
  /** Octets that the client sent together with STLS, before the handshake; they were thrown away. */
  readonly plaintextAfterStls: number;
  /** Octets of all replies handed to the socket. */
  readonly octetsSent: number;
}

/** The same record, as the connection may change it. */
export type SessionRecord = { -readonly [Key in keyof Pop3Session]: Pop3Session[Key] } & {
  commands: string[];
  retrieved: number[];
  retrievedMessages: ServedMessage[];
};

/** The transcript of a server's life. */
export class Transcript {
  readonly sessions: SessionRecord[] = [];
  readonly #waiting = new Set<() => void>();

  /** A new connection's record. */
  open(tls: boolean): SessionRecord {
    const record: SessionRecord = {
      number: this.sessions.length + 1,
      user: undefined,
      loggedIn: false,
      tls,
      commands: [],
      retrieved: [],
      retrievedMessages: [],
      quit: false,
      ended: "open",
      deepestPipeline: 0,
      plaintextAfterStls: 0,
      octetsSent: 0,
    };
    this.sessions.push(record);
    this.changed();
    return record;
  }

  /** To be called after every change of a record. */
  changed(): void {
    for (const look of this.#waiting) look();
  }

  /** How many commands of this verb came in, over all sessions. */
  count(verb: string): number {
    const wanted = verb.toUpperCase();
    return this.sessions.reduce(
      (sum, { commands }) => sum + commands.filter((line) => verbOf(line) === wanted).length,
      0,
    );
  }

  /** Resolves as soon as the condition holds. @throws Error with the transcript after `timeout` ms */
  waitFor(condition: () => boolean, timeout: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
      };
      const look = (): void => {
        if (!condition()) return;
        settle();
        resolve();
      };
      const timer = setTimeout(() => {
        settle();
        reject(new Error(`It did not happen within ${timeout} ms:\n${this.toString()}`));
      }, timeout);
      this.#waiting.add(look);
      look();
    });
  }

  /** The last commands of each session, to be read in a failed test. */
  toString(): string {
    return this.sessions
      .map(
        ({ number, commands, ended }) => `session ${number} (${ended}): ${commands.slice(-20).join(" | ")}`,
      )
      .join("\n");
  }
}

/** A command line's verb in upper case. */
export function verbOf(line: string): string {
  const space = line.indexOf(" ");
  return (space < 0 ? line : line.slice(0, space)).toUpperCase();
}

/** The line as it may stand in a transcript. */
export function withoutSecret(line: string): string {
  const verb = verbOf(line);
  if (verb === "PASS") return "PASS ***";
  const words = line.split(" ");
  if (verb === "APOP") return `${words.slice(0, 2).join(" ")} ***`;
  return verb === "AUTH" && words.length > 2 ? `${words.slice(0, 2).join(" ")} ***` : line;
}
