import { CommandRefusedError } from "../errors/refusal.ts";
import { ParsedListing } from "../listing/parsed-listing.ts";
import { type Command, command, messageCommand } from "../protocol/command.ts";
import { parseScanLine } from "../protocol/listing.ts";
import type { Session } from "../session/pop3-session.ts";

/** Finds out whether the server knows a command that its capabilities do not list, by sending it once in a session. */
export class VerbProbes {
  readonly #session: Session;
  readonly #known = new Map<"TOP" | "UIDL", boolean>();

  constructor(session: Session) {
    this.#session = session;
  }

  /** Whether the server takes the command. Null: that cannot be told, because there is no message to try TOP on. */
  async supports(verb: "TOP" | "UIDL"): Promise<boolean | null> {
    const known = this.#known.get(verb);
    if (known !== undefined) return known;
    const works = await (verb === "UIDL" ? this.#takes(command("UIDL")) : this.#takesTop());
    if (works !== null) this.#known.set(verb, works);
    return works;
  }

  async #takesTop(): Promise<boolean | null> {
    const first = await this.#firstListed();
    return first === null ? null : this.#takes(messageCommand("TOP", first, 0));
  }

  async #firstListed(): Promise<number | null> {
    const listing = new ParsedListing(this.#session, command("LIST"), parseScanLine);
    try {
      for await (const { messageNumber } of listing) return messageNumber;
    } catch (error) {
      // Some servers refuse to list what is not there.
      if (!(error instanceof CommandRefusedError)) throw error;
    }
    return null;
  }

  /** Whether the server takes a command with a multi-line reply, which is passed over. */
  #takes(probe: Command): Promise<boolean> {
    return this.#session.exclusive(async () => {
      this.#session.send(probe);
      if (!(await this.#session.replies.readStatus()).ok) return false;
      for (let more: unknown = true; more !== null; more = await this.#session.replies.readData());
      return true;
    });
  }
}
