import type { MaildropSession } from "@mailonce/core";
import type { Pop3Client } from "@mailonce/pop3";
import { ClientSession } from "../session/client-session.ts";
import type { Listings } from "./listing-quality.ts";

/** The session for a check within an examination: the listings are there already, and the check does not end it. */
export function lookingSession(client: Pop3Client, listings: Listings): MaildropSession {
  const session = new ClientSession(client);
  return {
    pipelining: false,
    utf8: session.utf8,
    async *listings() {
      yield* listings.parts;
    },
    uidlOne: (messageNumber) => session.uidlOne(messageNumber),
    topMany: (messageNumbers) => session.topMany(messageNumbers, { pipelining: false }),
    retrMany: () => {
      throw new Error("a check retrieves nothing");
    },
    noop: () => session.noop(),
    quit: async () => {},
    close: () => {},
  };
}
