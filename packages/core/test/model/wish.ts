import { createHash } from "node:crypto";
import { type Criteria, readHeader } from "../../src/index.ts";
import type { Mail } from "./mail.ts";

/**
 * What the criteria of a history want: mail whose header has the other parity than this number, mail that is older than some
 * days, both (`old odd`: odd headers), or mail that is younger than a day.
 */
export type Wish = 0 | 1 | "old" | "old odd" | "young";

const DAY = 86_400_000;
/** The time at which every history begins. */
export const START = Date.UTC(2026, 10, 1);
/** The age from which on mail is `old`. */
const OLD = 3 * DAY;

type Header = Pick<Mail, "header">;

/** True if the criteria want the mail, or will once it is old enough, or did while it was young; null wants all. */
function mayBeWanted(wish: Wish | null, { header }: Header): boolean {
  return wish === null || wish === "old" || (wish === "old odd" ? header % 2 === 1 : header % 2 !== wish);
}

/** True if mail that was retrieved is to be stored, whatever its age: it is wanted, or will be. */
export function isKept(wish: Wish | null, mail: Header): boolean {
  return wish !== "young" && mayBeWanted(wish, mail);
}

/**
 * True if the criteria certainly want the mail at this time, whenever it was first seen. `last`: so much time has gone by since
 * it was first listed that what had to wait is old enough.
 */
export function isWanted(wish: Wish | null, mail: Header, now: number, last = false): boolean {
  if (!isKept(wish, mail)) return false;
  const birth = birthOf(mail.header);
  return !isTimed(wish) || last || (birth !== null && now >= birth + OLD);
}

/** True if mail that was not seen before `firstSeen` is certainly not wanted yet at this time. */
export function isEarly(wish: Wish | null, { header }: Header, now: number, firstSeen: number): boolean {
  if (wish !== "old" && wish !== "old odd") return false;
  return now < Math.min(birthOf(header) ?? firstSeen, firstSeen) + OLD;
}

/** True if the answer of the criteria changes with the time. */
export function isTimed(wish: Wish | null): boolean {
  return typeof wish === "string";
}

/**
 * The criteria that have this wish. Without a volatile field the octets tell the parity, too, and those that accept odd headers
 * use that.
 */
export function criteriaOf(wish: Wish | null): Criteria | null {
  if (wish === null) return null;
  const digest = createHash("sha256").update(`parity ${wish}`).digest();
  const byOctets = (octets: number): boolean | null => {
    const size = wish === 0 || wish === "old odd" ? [100, 107, 110, 117].indexOf(octets) : -1;
    if (size < 0) return null;
    return size < 2 ? false : wish === 0 || null;
  };
  const headerOf = (block: Uint8Array): Header => ({ header: Number(readHeader(block).subject?.slice(1)) });
  if (!isTimed(wish)) return { digest, byOctets, accepts: ({ block }) => mayBeWanted(wish, headerOf(block)) };
  return {
    digest,
    byOctets,
    accepts: () => {
      throw new Error("criteria that change with the time are asked for a time");
    },
    decide: ({ block }, { now, firstSeen }) => {
      const mail = headerOf(block);
      const seen = Math.min(firstSeen.getTime(), now.getTime());
      const since = Math.min(birthOf(mail.header) ?? seen, seen);
      if (wish === "young") return now.getTime() - since < DAY;
      if (!mayBeWanted(wish, mail)) return false;
      return now.getTime() >= since + OLD || new Date(since + OLD);
    },
  };
}

/** The date of the mail with this header; a third of them has none, and of some it is still to come when a history begins. */
function birthOf(header: number): number | null {
  return header % 3 === 0 ? null : START + (header % 3) * DAY;
}
