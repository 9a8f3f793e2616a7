import type { Pop3Error } from "../errors/error.ts";
import { LimitExceededError, NotPop3Error, ProtocolError } from "../errors/reply.ts";
import type { ExpectedReply } from "./expected-reply.ts";
import type { Limits } from "./limits.ts";

/** The error if a status line, or the beginning of one, has more octets than this reply may have; otherwise null. */
export function tooLong(octets: number, oldest: ExpectedReply | undefined, limits: Limits): Pop3Error | null {
  const limit =
    oldest === undefined || oldest.rule.challenge === null ? "statusLineOctets" : "challengeOctets";
  if (octets <= limits[limit]) return null;
  return oldest?.verb === "GREETING" ? new NotPop3Error() : new LimitExceededError(limit, limits[limit]);
}

/** The error for a line that is neither a status line nor a challenge. */
export function noReply({ verb }: ExpectedReply): Pop3Error {
  if (verb === "GREETING") return new NotPop3Error();
  return new ProtocolError(`the reply to ${verb} begins with neither +OK nor -ERR`);
}
