import type { HeaderLabel } from "@mailonce/core/message";
import { CR, LF, lineEnd } from "../octets/octets.ts";
import { type Entity, entityOf, isMessage, isMultipart } from "./entity.ts";
import { fieldText, type HeaderBlock, type HeaderBudget, readHeaderBlock } from "./header-block.ts";
import { charsetLabel } from "./media-type.ts";

/** What the reading of a message and of all messages in it shares. */
export interface ScanBudget extends HeaderBudget {
  partsLeft: number;
  /** The first charset that is named, other than ASCII and UTF-8. Its sender has probably written everything in it. */
  charset: string | null;
}

interface Beginning {
  readonly start: number;
  readonly depth: number;
  /** The type that the entity has if it does not state one. */
  readonly missing: string;
  /** True for the part of a multipart, false for a message. */
  readonly isPart: boolean;
}

/** The beginning of a header field that is not encoded. */
const FIELD = /^[\w-]+[ \t]*:/;
const QUOTED_PRINTABLE = /=3D|=\r?\n/;

/** Whether an attached message is encoded. RFC 2045 section 6.4 forbids it, but some are, and some only say so. */
export function isEncodedMessage({ encoding, source, bodyStart, bodyEnd }: Entity): boolean {
  if (encoding === "identity" || encoding === "unknown") return false;
  const text = source.toString("latin1", bodyStart, Math.min(bodyEnd, bodyStart + 2000));
  return !FIELD.test(text) || (encoding === "quoted-printable" && QUOTED_PRINTABLE.test(text));
}

/** An entity that has not ended yet. */
interface Open {
  readonly entity: Entity;
  /** Null if it is no multipart, or names no boundary. */
  readonly boundary: string | null;
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
const DASH = 0x2d;
/** RFC 2046 allows 70 characters; some senders take more. */
const LONGEST_BOUNDARY = 500;

/** Finds the entities in octets, in one pass over them, by the delimiters of the multiparts that are open. */
export class Scanner {
  readonly #source: Buffer;
  readonly #end: number;
  readonly #budget: ScanBudget;
  /** The open entities, from the outermost to the innermost. */
  readonly #open: Open[] = [];
  /** The levels of the open multiparts by their boundaries: a multipart within another may have the same. */
  readonly #levels = new Map<string, number[]>();

  constructor(source: Buffer, end: number, budget: ScanBudget) {
    this.#source = source;
    this.#end = end;
    this.#budget = budget;
  }

  /** The entity that begins at `start`, with all that is in it. */
  scan(root: Beginning): Entity {
    const begun: Entity[] = [];
    this.#scanFrom(this.#begin(root, begun));
    const [entity] = begun;
    if (entity === undefined) throw new RangeError("nothing was begun");
    return entity;
  }

  /** The parts of a multipart whose boundary its header does not tell. */
  scanParts(multipart: Entity, boundary: string): void {
    this.#push(multipart, boundary);
    this.#scanFrom(multipart.bodyStart);
  }

  #scanFrom(start: number): void {
    let at = start;
    while (at < this.#end) {
      const line = this.#nextDashes(at);
      if (line < 0) break;
      const next = lineEnd(this.#source, line, this.#end);
      const delimiter = this.#delimiterAt(line);
      at = delimiter === null ? next : this.#split(line, next, delimiter);
    }
    this.#closeAbove(-1, this.#end);
  }

  /** The next line from `at` on, which is the beginning of one, that begins with two dashes; -1 if there is none. */
  #nextDashes(at: number): number {
    if (this.#source[at] === DASH && this.#source[at + 1] === DASH) return at;
    const found = this.#source.indexOf(NEW_LINE_AND_DASHES, at);
    return found < 0 || found + 1 >= this.#end ? -1 : found + 1;
  }

  #delimiterAt(at: number): Delimiter | null {
    if (this.#levels.size === 0 || this.#source[at] !== DASH || this.#source[at + 1] !== DASH) return null;
    const end = lineEnd(this.#source, at, this.#end);
    if (end - at > LONGEST_BOUNDARY) return null;
    const text = this.#source.toString("latin1", at + 2, end).trimEnd();
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

  /** Ends what a delimiter ends and begins what it begins; gives where to go on. */
  #split(line: number, next: number, { level, isLast }: Delimiter): number {
    this.#closeAbove(level, line);
    const open = this.#open[level];
    if (open === undefined) return next;
    if (isLast) {
      open.isClosed = true;
      return next;
    }
    if (open.isClosed) this.#budget.faults.note("parts stand after the end of a multipart");
    open.isClosed = false;
    if (this.#budget.partsLeft <= 0) {
      const { parts } = this.#budget.limits;
      this.#budget.faults.note(`there are more than ${parts} parts; the others are left out`);
      return next;
    }
    const { entity } = open;
    const missing = entity.type.name === "multipart/digest" ? "message/rfc822" : "text/plain";
    return this.#begin({ start: next, depth: entity.depth + 1, missing, isPart: true }, entity.children);
  }

  #closeAbove(level: number, end: number): void {
    while (this.#open.length > level + 1) {
      const { entity, boundary, isClosed } = this.#open.pop() ?? {};
      if (entity === undefined) return;
      // The line end before a delimiter belongs to it.
      entity.bodyEnd = Math.max(entity.bodyStart, end === this.#end ? end : this.#beforeLineEnd(end));
      if (boundary === null || boundary === undefined) continue;
      const levels = this.#levels.get(boundary) ?? [];
      levels.pop();
      if (levels.length === 0) this.#levels.delete(boundary);
      if (isClosed === false && entity.children.length > 0)
        this.#budget.faults.note("a multipart has no end; the message may be cut off");
    }
  }

  #beforeLineEnd(at: number): number {
    if (this.#source[at - 1] !== LF) return at;
    return this.#source[at - 2] === CR ? at - 2 : at - 1;
  }

  /** Reads a header and begins the entity; in a message, that of the message within it, too. Gives where its body is. */
  #begin({ start, depth, missing, isPart }: Beginning, siblings: Entity[]): number {
    this.#budget.partsLeft--;
    const end = this.#end;
    const header = readHeaderBlock(
      this.#source,
      start,
      end,
      this.#budget,
      (at) => this.#delimiterAt(at) !== null,
    );
    const { bodyStart } = header;
    const label = isPart ? this.#partLabel(header) : header.label;
    const entity = entityOf({ ...header, label }, missing, { depth, source: this.#source, bodyEnd: end });
    const charset = charsetLabel(entity.type);
    if (charset !== null && !SAYS_LITTLE.test(charset)) this.#budget.charset ??= charset;
    siblings.push(entity);
    const isTooDeep = depth >= this.#budget.limits.nesting;
    if (isTooDeep && (isMultipart(entity) || isMessage(entity)))
      this.#budget.faults.note(
        `parts stand deeper than ${this.#budget.limits.nesting} within each other; those are shown as they stand`,
      );
    const boundary = entity.type.parameters.get("boundary")?.trimEnd() ?? "";
    this.#push(entity, isMultipart(entity) && boundary !== "" && !isTooDeep ? boundary : null);
    if (!isMessage(entity) || isTooDeep || isEncodedMessage(entity) || this.#budget.partsLeft <= 0)
      return bodyStart;
    const message = { start: bodyStart, depth: depth + 1, missing: "text/plain", isPart: false };
    return this.#begin(message, entity.children);
  }

  /** The charset of a part's file name, where the part itself does not say it. */
  #partLabel({ fields, label }: HeaderBlock): HeaderLabel {
    if (NAMES_CHARSET.test(fieldText(fields, "content-type") ?? "")) return label;
    return (own) => (own === undefined ? (this.#budget.charset ?? label()) : label(own));
  }

  #push(entity: Entity, boundary: string | null): void {
    if (boundary !== null) {
      const levels = this.#levels.get(boundary);
      if (levels === undefined) this.#levels.set(boundary, [this.#open.length]);
      else levels.push(this.#open.length);
    }
    this.#open.push({ entity, boundary, isClosed: false });
  }
}
