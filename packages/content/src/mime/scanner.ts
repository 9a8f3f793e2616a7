import type { HeaderLabel } from "@mailonce/core/message";
import { CR, LF, latin1 } from "../octets/octets.ts";
import { Body, type BodyBounds, type Sink } from "./body.ts";
import { type Entity, type HeaderFacts, headerFacts, isMessage, isMultipart } from "./entity.ts";
import { fieldText, type HeaderBlock, type HeaderBudget, readHeaderBlock } from "./header-block.ts";
import { charsetLabel } from "./media-type.ts";
import { Window } from "./window.ts";

/** What the reading of a message and of all messages in it shares. */
export interface ScanBudget extends HeaderBudget {
  partsLeft: number;
  /** The first charset that is named, other than ASCII and UTF-8. Its sender has probably written everything in it. */
  charset: string | null;
}

/** What becomes of the entities that are found. */
export interface EntityTaker {
  /** What is to be kept of a body that begins. */
  boundsOf(entity: Entity): BodyBounds;
  /** Who wants the octets of an entity; null if nobody does. */
  sinkOf(entity: Entity): Sink | null;
  /** An entity has ended in which no other was found. Where it can be taken apart all the same, that is done now. */
  ended(entity: Entity): void;
}

interface Beginning {
  readonly parent: Entity | null;
  /** The type that the entity has if it does not state one. */
  readonly missing: string;
  /** True for the part of a multipart, false for a message. */
  readonly isPart: boolean;
}

/** The beginning of a header field that is not encoded. */
const FIELD = /^[\w-]+[ \t]*:/;
const QUOTED_PRINTABLE = /=3D|=\r?\n/;
/** How many octets after a header are looked at. */
const LOOKED_AT = 2000;

/** An entity that has not ended yet. */
interface Open {
  readonly entity: Entity;
  /** Null if it is no multipart, or names no boundary. */
  boundary: string | null;
  /** Where its body begins in the window; less than 0 if that is not in it any more. */
  bodyStart: number;
  /** True after the delimiter that ends the multipart. */
  isClosed: boolean;
}

/** A line that ends all parts within the multipart of this level and, unless it is the last one, begins its next part. */
interface Delimiter {
  readonly level: number;
  readonly isLast: boolean;
}

const NAMES_CHARSET = /\bcharset\*?\s{0,20}=/i;
const SAYS_LITTLE = /^["']?(?:us-?ascii|utf-?8)["']?$/i;
const NEW_LINE_AND_DASHES = Buffer.from("\n--");
const NOTHING = Buffer.alloc(0);
const DASH = 0x2d;
/** RFC 2046 allows 70 characters; some senders take more. */
const LONGEST_BOUNDARY = 500;

/**
 * Finds the entities in octets, in one pass over them, by the delimiters of the multiparts that are open. The octets may
 * arrive in pieces, wherever these are cut.
 */
export class Scanner {
  readonly #budget: ScanBudget;
  readonly #taker: EntityTaker;
  readonly #window = new Window();
  /** Where reading goes on in the window. */
  #at = 0;
  /** Up to where bodies have got their octets. */
  #fed = 0;
  /** A line begins at `#at`. */
  #isLineStart = true;
  #isEnded = false;
  /** Where the next empty line begins that follows `#at`, -1 if the window has none; null before it is searched for. */
  #emptyLine: number | null = null;
  /** What begins at `#at`. */
  #beginning: Beginning | null;
  #root: Entity | null = null;
  /** The open entities, from the outermost to the innermost. */
  readonly #open: Open[] = [];
  /** The levels of the open multiparts by their boundaries: a multipart within another may have the same. */
  readonly #levels = new Map<string, number[]>();
  /** The multipart whose parts alone are looked for. */
  readonly #within: Entity | null;

  /** @param within with its boundary a multipart whose parts the octets are; without it they are a message of `parent` */
  constructor(
    budget: ScanBudget,
    taker: EntityTaker,
    place: { readonly parent: Entity | null } | { readonly within: Entity; readonly boundary: string },
  ) {
    this.#budget = budget;
    this.#taker = taker;
    this.#within = "within" in place ? place.within : null;
    this.#beginning =
      "parent" in place ? { parent: place.parent, missing: "text/plain", isPart: false } : null;
    if ("within" in place) this.#push(place.within, place.boundary);
  }

  /** The octets go on with these. */
  add(octets: Buffer): void {
    this.#window.add(octets);
    if (this.#window.isDue(this.#fed)) this.#goOn();
  }

  /** The octets end with these. Gives the message that they are; null if they are the parts of a multipart. */
  end(octets: Buffer = NOTHING): Entity | null {
    this.#window.add(octets);
    this.#isEnded = true;
    this.#goOn();
    this.#closeAbove(-1, this.#window.octets.length);
    return this.#root;
  }

  #goOn(): void {
    this.#window.fill(this.#fed);
    this.#at -= this.#fed;
    for (const open of this.#open) open.bodyStart -= this.#fed;
    this.#fed = 0;
    this.#emptyLine = null;
    while (this.#beginning === null ? this.#readLine() : this.#begin(this.#beginning));
    // The line end before a delimiter belongs to it, so it is held back.
    this.#feed(this.#isEnded ? this.#window.octets.length : this.#at - 2);
  }

  /** Reads up to the end of the next line that begins with two dashes. False: more octets are needed, or there are none. */
  #readLine(): boolean {
    const { octets } = this.#window;
    if (this.#at >= octets.length) return false;
    const line = this.#nextDashes();
    if (line === null) return false;
    const lf = octets.subarray(line, line + LONGEST_BOUNDARY).indexOf(LF);
    if (lf < 0 && !this.#isEnded && octets.length - line < LONGEST_BOUNDARY) {
      this.#goTo(line, true);
      return false;
    }
    const next = lf >= 0 ? line + lf + 1 : Math.min(octets.length, line + LONGEST_BOUNDARY);
    this.#goTo(next, lf >= 0);
    if (this.#delimiterAt(octets, line, octets.length) === null) return true;
    this.#feed(this.#beforeLineEnd(line));
    // By these octets a body may have become so large that its parts are not looked for any more.
    const delimiter = this.#delimiterAt(octets, line, octets.length);
    if (delimiter !== null) this.#split(line, delimiter);
    return true;
  }

  #goTo(at: number, isLineStart: boolean): void {
    this.#at = at;
    this.#isLineStart = isLineStart;
  }

  /** Where the next line begins that begins with two dashes; null if the octets that are there have none. */
  #nextDashes(): number | null {
    const { octets } = this.#window;
    if (this.#isLineStart && octets[this.#at] === DASH) {
      if (octets[this.#at + 1] === DASH) return this.#at;
      if (this.#at + 1 === octets.length && !this.#isEnded) return null;
    }
    const found = octets.indexOf(NEW_LINE_AND_DASHES, this.#at);
    if (found >= 0) return found + 1;
    const next = this.#isEnded ? octets.length : Math.max(this.#at, octets.length - 2);
    if (next > this.#at) this.#goTo(next, false);
    return null;
  }

  /** @param octets in which the line ends at or before `limit` */
  #delimiterAt(octets: Buffer, at: number, limit: number): Delimiter | null {
    if (this.#levels.size === 0 || octets[at] !== DASH || octets[at + 1] !== DASH) return null;
    const lf = octets.subarray(at, Math.min(limit, at + LONGEST_BOUNDARY)).indexOf(LF);
    const end = lf < 0 ? limit : at + lf + 1;
    if (end - at > LONGEST_BOUNDARY) return null;
    const text = octets.toString("latin1", at + 2, end).trimEnd();
    const begins = this.#levelOf(text);
    const ends = text.endsWith("--") ? this.#levelOf(text.slice(0, -2).trimEnd()) : -1;
    if (begins < 0 && ends < 0) return null;
    return begins > ends ? { level: begins, isLast: false } : { level: ends, isLast: true };
  }

  /** The innermost multipart with this boundary, one that has not had its end before others; -1 if there is none. */
  #levelOf(boundary: string): number {
    const levels = this.#levels.get(boundary) ?? [];
    return levels.findLast((level) => this.#open[level]?.isClosed === false) ?? levels.at(-1) ?? -1;
  }

  /** Ends what the delimiter ends that stands at `line`, and lets begin what it begins. */
  #split(line: number, { level, isLast }: Delimiter): void {
    this.#closeAbove(level, line);
    const open = this.#open[level];
    if (open === undefined) return;
    if (isLast) {
      open.isClosed = true;
      return;
    }
    if (open.isClosed) this.#budget.faults.note("parts stand after the end of a multipart");
    open.isClosed = false;
    if (this.#budget.partsLeft <= 0) {
      const { parts } = this.#budget.limits;
      this.#budget.faults.note(`there are more than ${parts} parts; the others are left out`);
      return;
    }
    const missing = open.entity.type.name === "multipart/digest" ? "message/rfc822" : "text/plain";
    this.#beginning = { parent: open.entity, missing, isPart: true };
  }

  #closeAbove(level: number, end: number): void {
    const isEndOfAll = this.#isEnded && end === this.#window.octets.length;
    this.#feed(isEndOfAll ? end : this.#beforeLineEnd(end));
    while (this.#open.length > level + 1) {
      const { entity, boundary, isClosed } = this.#open.pop() ?? {};
      if (entity === undefined) return;
      if (entity !== this.#within) {
        entity.body.end();
        if (entity.children.length === 0) this.#taker.ended(entity);
      }
      if (boundary === null || boundary === undefined) continue;
      this.#forget(boundary);
      if (isClosed === false && entity.children.length > 0)
        this.#budget.faults.note("a multipart has no end; the message may be cut off");
    }
  }

  #forget(boundary: string): void {
    const levels = this.#levels.get(boundary) ?? [];
    levels.pop();
    if (levels.length === 0) this.#levels.delete(boundary);
  }

  #beforeLineEnd(at: number): number {
    const { octets } = this.#window;
    if (octets[at - 1] !== LF) return at;
    return octets[at - 2] === CR ? at - 2 : at - 1;
  }

  /** Gives bodies their octets up to `end`: the innermost entity, and all messages that others are attached in. */
  #feed(end: number): void {
    if (end <= this.#fed) return;
    const { octets } = this.#window;
    for (const [level, open] of this.#open.entries()) {
      const { entity, bodyStart } = open;
      const isInnermost = level === this.#open.length - 1 && entity.children.length === 0;
      if (entity === this.#within || !(isInnermost || isMessage(entity))) continue;
      const from = Math.max(this.#fed, bodyStart);
      if (from < end) entity.body.add(octets.subarray(from, end));
      if (open.boundary === null || !entity.body.isLarge) continue;
      this.#budget.faults.note("the parts of a multipart begin too late; it is shown as it stands");
      this.#forget(open.boundary);
      open.boundary = null;
    }
    this.#fed = end;
  }

  /** Reads a header and begins its entity. False: more octets are needed. */
  #begin({ parent, missing, isPart }: Beginning): boolean {
    const start = this.#at;
    const { octets } = this.#window;
    const longest = this.#budget.limits.headerOctets;
    if (!this.#hasHeader(start, longest)) return false;
    const end = Math.min(octets.length, start + longest);
    const depth = parent === null ? 0 : parent.depth + 1;
    this.#budget.partsLeft--;
    const header = readHeaderBlock(
      octets,
      start,
      end,
      this.#budget,
      (at) => this.#delimiterAt(octets, at, end) !== null,
    );
    const { bodyStart } = header;
    const facts = headerFacts({ ...header, label: isPart ? this.#partLabel(header) : header.label }, missing);
    const charset = charsetLabel(facts.type);
    if (charset !== null && !SAYS_LITTLE.test(charset)) this.#budget.charset ??= charset;
    if (bodyStart - start >= longest)
      this.#budget.faults.note(`a header is longer than ${longest} octets; the rest is read as text`);
    const beginning = octets.subarray(bodyStart, bodyStart + LOOKED_AT);
    const entity = this.#entityOf(facts, parent, depth, isEncodedMessage(facts, beginning));
    const isTooDeep = depth >= this.#budget.limits.nesting;
    if (isTooDeep && (isMultipart(entity) || isMessage(entity)))
      this.#budget.faults.note(
        `parts stand deeper than ${this.#budget.limits.nesting} within each other; those are shown as they stand`,
      );
    const boundary = entity.type.parameters.get("boundary")?.trimEnd() ?? "";
    this.#push(entity, isMultipart(entity) && boundary !== "" && !isTooDeep ? boundary : null, bodyStart);
    this.#goTo(bodyStart, true);
    const holdsMessage =
      isMessage(entity) && !isTooDeep && !entity.isEncodedMessage && this.#budget.partsLeft > 0;
    this.#beginning = holdsMessage ? { parent: entity, missing: "text/plain", isPart: false } : null;
    return true;
  }

  /** Whether all of the header that begins at `start` is there, and so many octets after it as are looked at. */
  #hasHeader(start: number, longest: number): boolean {
    if (this.#isEnded) return true;
    const { octets } = this.#window;
    const end = this.#emptyLineEnd(start);
    return octets.length >= (end < 0 ? start + longest : Math.min(end, start + longest)) + LOOKED_AT;
  }

  /** Where the first empty line ends that begins at or after `start`; -1 if the window has none. */
  #emptyLineEnd(start: number): number {
    const { octets } = this.#window;
    if (octets[start] === LF) return start + 1;
    if (octets[start] === CR && octets[start + 1] === LF) return start + 2;
    if (this.#emptyLine === null || (this.#emptyLine >= 0 && this.#emptyLine < start))
      this.#emptyLine = emptyLineFrom(octets, start);
    return this.#emptyLine < 0 ? -1 : this.#emptyLine + 3;
  }

  #entityOf(facts: HeaderFacts, parent: Entity | null, depth: number, isEncoded: boolean): Entity {
    const place = (parent?.children.length ?? 0) + 1;
    const body: Body = new Body({
      encoding: facts.encoding,
      bounds: () => this.#taker.boundsOf(entity),
      faults: this.#budget.faults,
      sink: () => this.#taker.sinkOf(entity),
    });
    const entity: Entity = {
      ...facts,
      depth,
      parent,
      place,
      children: [],
      isEncodedMessage: isEncoded,
      body,
    };
    if (parent === null) this.#root = entity;
    else {
      if (isMessage(parent) && !parent.isEncodedMessage) parent.body.measureOnly();
      else if (!isMessage(parent)) parent.body.leaveOut();
      parent.children.push(entity);
    }
    return entity;
  }

  /** The charset of a part's file name, where the part itself does not say it. */
  #partLabel({ fields, label }: HeaderBlock): HeaderLabel {
    if (NAMES_CHARSET.test(fieldText(fields, "content-type") ?? "")) return label;
    return (own) => (own === undefined ? (this.#budget.charset ?? label()) : label(own));
  }

  #push(entity: Entity, boundary: string | null, bodyStart = 0): void {
    if (boundary !== null) {
      const levels = this.#levels.get(boundary);
      if (levels === undefined) this.#levels.set(boundary, [this.#open.length]);
      else levels.push(this.#open.length);
    }
    this.#open.push({ entity, boundary, bodyStart, isClosed: false });
  }
}

/** Whether an attached message is encoded. RFC 2045 section 6.4 forbids it, but some are, and some only say so. */
function isEncodedMessage({ type, encoding }: HeaderFacts, beginning: Buffer): boolean {
  if (!isMessage({ type }) || encoding === "identity" || encoding === "unknown") return false;
  const text = latin1(beginning);
  return !FIELD.test(text) || (encoding === "quoted-printable" && QUOTED_PRINTABLE.test(text));
}

const LF_LF = Buffer.from("\n\n");
const LF_CRLF = Buffer.from("\n\r\n");

/** Where the line end before the first empty line from `start` on begins; -1 if there is none. */
function emptyLineFrom(octets: Buffer, start: number): number {
  const crlf = octets.indexOf(LF_CRLF, start);
  const lf = (crlf < 0 ? octets : octets.subarray(0, crlf + 1)).indexOf(LF_LF, start);
  return lf >= 0 ? lf : crlf;
}
