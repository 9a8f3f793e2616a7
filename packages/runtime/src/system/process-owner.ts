import { type ProcessFacts, type ProcessIdentity, processFacts } from "./process-identity.ts";

const MAX_HOST = 120;
const NOT_KNOWN = "-";

/** A process as the owner of a lease or a claim: its parts, joined by blanks, at most 255 characters. */
export function ownerText({ host, machine, boot, pidNamespace, pid, startTime }: ProcessIdentity): string {
  const name = encodeURIComponent(host.replace(/\p{Surrogate}/gu, "?")).slice(0, MAX_HOST) || NOT_KNOWN;
  return [name, String(pid), startTime, pidNamespace, boot, machine]
    .map((part) => part || NOT_KNOWN)
    .join(" ");
}

/** What this process says of itself when it asks for a lease or a claim of `ttlMs` milliseconds. */
export function ownRequest(ttlMs: number, facts: ProcessFacts = processFacts()) {
  return { owner: ownerText(facts.self), ttlMs, isDead: (owner: string) => isDeadOwner(owner, facts) };
}

/** The owner in words for people: `process 1234 on mail.example.org`. Control characters are taken out. */
export function describeOwner(owner: string): string {
  const [host = "", pid = ""] = owner.split(" ");
  if (!/^\d+$/.test(pid)) return "another process";
  return host === NOT_KNOWN ? `process ${pid}` : `process ${pid} on ${decoded(host)}`;
}

/**
 * True only if the owner of a lease is known to be dead: it ran on this machine before the last boot, or among the
 * processes that this one sees, where it is no more. Of anything else nothing is known: another machine, another pid
 * namespace (containers may share host name, boot and process id 1), a system that does not tell, another version's text.
 */
export function isDeadOwner(owner: string, { self, lookUp }: ProcessFacts): boolean {
  const mine = ownerText(self).split(" ");
  const theirs = owner.split(" ");
  const pid = Number(theirs[1]);
  if (theirs.length !== mine.length || !Number.isSafeInteger(pid) || pid < 1) return false;
  const [host, , startTime, pidNamespace, boot, machine] = theirs;
  const isSame = (their: string | undefined, my: string | undefined): boolean =>
    their !== undefined && their !== NOT_KNOWN && their === my;
  if (!isSame(host, mine[0]) || !isSame(pidNamespace, mine[3])) return false;
  if (!isSame(boot, mine[4])) {
    // The first pid namespace has the same number everywhere, and many machines have the same host name.
    return boot !== NOT_KNOWN && mine[4] !== NOT_KNOWN && isSame(machine, mine[5]);
  }
  if (startTime === NOT_KNOWN) return false;
  const there = lookUp(pid);
  return there.kind === "none" || (there.startTime !== null && there.startTime !== startTime);
}

function decoded(host: string): string {
  try {
    return decodeURIComponent(host).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd");
  } catch {
    // Cut in the middle of a character.
    return host;
  }
}
