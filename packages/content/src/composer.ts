import { type Flavour, inOrder, isBlank, isStub } from "./alternatives.ts";
import type { ContentPart } from "./content.ts";
import type { Leaf } from "./leaf.ts";
import { type LeafText, type ReadingContext, readLeafText } from "./leaf-text.ts";
import { type Entity, isMessage, isMultipart } from "./mime/entity.ts";
import { decodedField, fieldText } from "./mime/header-block.ts";
import { noteOn } from "./notes.ts";

type Use = ContentPart["use"];

/** A part that has no parts of its own, and its text; null if it is no text. */
export interface ReadPart {
  readonly leaf: Leaf;
  readonly text: LeafText | null;
}

/** Makes the text of a message from its parts (RFC 2046 section 5.1), and says what each part was used for. */
export class Composer {
  readonly #context: ReadingContext;
  readonly #leaves: ReadonlyMap<Entity, Leaf>;
  readonly #read = new Map<Entity, ReadPart>();
  readonly #uses = new Map<Entity, Use>();
  /** The events that are in the text already: one may stand in a part and in an attachment, too. */
  readonly #events = new Set<string>();

  /** @param leaves all parts that have no parts of their own */
  constructor(leaves: ReadonlyMap<Entity, Leaf>, context: ReadingContext) {
    this.#leaves = leaves;
    this.#context = context;
  }

  /** The text of a whole message. If all of it is one part, that is shown even if it says that it is an attachment. */
  compose(root: Entity): string {
    return this.#blocks(root, true).join("\n\n");
  }

  /** Reads a part that has no parts of its own, unless it was read before. */
  read(entity: Entity): ReadPart {
    const known = this.#read.get(entity);
    if (known !== undefined) return known;
    const leaf = this.#leaves.get(entity);
    if (leaf === undefined) throw new RangeError("a part was never read");
    const part = { leaf, text: readLeafText(leaf, this.#context) };
    this.#read.set(entity, part);
    return part;
  }

  /** The sources of all HTML that was read, that of attached messages included. */
  *htmlSources(): Generator<string> {
    for (const { leaf, text } of this.#read.values())
      if (leaf.kind === "html" && text !== null) yield text.source;
  }

  useOf(entity: Entity): Use {
    return this.#uses.get(entity) ?? "attachment";
  }

  /** What there is to read in an entity, block by block. */
  #blocks(entity: Entity, isWhole = false): readonly string[] {
    if (entity.children.length === 0) return this.#leafBlocks(entity, isWhole);
    if (isMessage(entity)) return this.#messageBlocks(entity);
    switch (entity.type.name) {
      case "multipart/alternative":
        return this.#alternativeBlocks(entity);
      case "multipart/related":
        return this.#relatedBlocks(entity);
      case "multipart/encrypted":
        return [noteOn("encrypted"), ...this.#allBlocks(entity)];
      default:
        return this.#allBlocks(entity);
    }
  }

  #allBlocks({ children }: Entity): readonly string[] {
    return children.flatMap((child) => this.#blocks(child));
  }

  #leafBlocks(entity: Entity, isWhole: boolean): readonly string[] {
    const { leaf, text } = this.read(entity);
    if (text === null) {
      const note = noteOn(leaf);
      return note === null ? [] : [note];
    }
    const isFile =
      entity.disposition.kind === "attachment" && leaf.kind !== "calendar" && leaf.kind !== "fields";
    if (isFile && !isWhole) return [];
    this.#uses.set(entity, "text");
    if (leaf.kind === "calendar") {
      if (this.#events.has(text.text)) return [];
      this.#events.add(text.text);
    }
    return text.text === "" ? [] : [text.text];
  }

  #messageBlocks(entity: Entity): readonly string[] {
    this.#uses.set(entity, "text");
    return entity.children.flatMap((message) => {
      const fields = ["From", "To", "Date", "Subject"].flatMap((name) => {
        const value = decodedField(message, name.toLowerCase());
        return value === "" ? [] : [`${name}: ${value}`];
      });
      return [
        ["---------- attached message ----------", ...fields].join("\n"),
        ...this.#blocks(message, true),
      ];
    });
  }

  #alternativeBlocks({ children }: Entity): readonly string[] {
    const calendars = children.filter((child) => this.#isCalendar(child));
    const versions = inOrder(
      children
        .filter((child) => !calendars.includes(child))
        .map((entity) => ({ entity, flavour: this.#flavour(entity) })),
    );
    const chosen = this.#choose(versions);
    for (const { entity } of versions) if (entity !== chosen) this.#useAsAlternative(entity);
    const text = chosen === null ? [] : this.#blocks(chosen, true);
    return [...text, ...calendars.flatMap((calendar) => this.#blocks(calendar))];
  }

  /** Chooses the first version that says something, and more than that there is another one. */
  #choose(versions: readonly Version[]): Entity | null {
    const spoken = versions.filter(({ entity }) => !isBlank(this.#mainText(entity)));
    const [first, second] = spoken;
    if (first === undefined) return versions[0]?.entity ?? null;
    const other = spoken.find(({ flavour }) => flavour !== "plain") ?? second;
    const isNoticeOnly =
      first.flavour === "plain" &&
      other !== undefined &&
      isStub(this.#mainText(first.entity), this.#mainText(other.entity));
    return (isNoticeOnly ? other : first).entity;
  }

  #relatedBlocks({ type, children }: Entity): readonly string[] {
    const start = type.parameters.get("start")?.trim();
    const stated = children.find(
      ({ fields }) => start !== undefined && fieldText(fields, "content-id") === start,
    );
    const root = stated ?? children[0];
    if (root === undefined) return [];
    const others = children.filter((child) => child !== root);
    const blocks = this.#blocks(root, true);
    // The other parts (pictures, style sheets) are shown by the root, so they are no text of their own, unless it has none.
    const rest =
      blocks.length > 0 ? others.filter((child) => isMultipart(child) || isMessage(child)) : others;
    return [...blocks, ...rest.flatMap((child) => this.#blocks(child))];
  }

  #isCalendar(entity: Entity): boolean {
    return entity.children.length === 0 && this.read(entity).leaf.kind === "calendar";
  }

  #mainLeaf(entity: Entity): ReadPart | null {
    if (entity.children.length === 0) return this.read(entity);
    const leaves = entity.children.map((child) => this.#mainLeaf(child));
    return leaves.find((leaf) => leaf !== null && leaf.text !== null) ?? leaves[0] ?? null;
  }

  #mainText(entity: Entity): string {
    return this.#mainLeaf(entity)?.text?.text ?? "";
  }

  #flavour(entity: Entity): Flavour {
    const kind = this.#mainLeaf(entity)?.leaf.kind;
    switch (kind) {
      case "plain":
      case "enriched":
      case "html":
      case "amp":
        return kind;
      case "fields":
        return "plain";
      case "richtext":
        return "enriched";
      default:
        return "none";
    }
  }

  #useAsAlternative(entity: Entity): void {
    for (const child of entity.children) this.#useAsAlternative(child);
    if (entity.children.length > 0) return;
    const { text } = this.read(entity);
    if (text !== null && entity.disposition.kind !== "attachment") this.#uses.set(entity, "alternative");
  }
}

interface Version {
  readonly entity: Entity;
  readonly flavour: Flavour;
}
