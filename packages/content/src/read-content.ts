import { Composer } from "./composer.ts";
import type { ContentPart, MessageContent } from "./content.ts";
import { Faults } from "./faults.ts";
import { fileNameOf } from "./file-name.ts";
import { type ContentLimits, DEFAULT_LIMITS } from "./limits.ts";
import { type Entity, isMessage, rawBody } from "./mime/entity.ts";
import { decodedValue } from "./mime/header-block.ts";
import { scanMessage } from "./mime/scan.ts";
import { withLineFeeds } from "./octets/octets.ts";

/**
 * Reads a whole message as a person does. Never throws because of what is in it: what is wrong with it is in `faults`, and
 * what cannot be taken apart is text as it stands. Takes time in proportion to the octets.
 */
export function readContent(octets: Uint8Array, limits: Partial<ContentLimits> = {}): MessageContent {
  const all = { ...DEFAULT_LIMITS, ...limits };
  const faults = new Faults();
  const root = scanMessage(withLineFeeds(octets), {
    limits: all,
    faults,
    fieldsLeft: all.headerFields,
    partsLeft: all.parts,
    charset: null,
  });
  const composer = new Composer({ faults, textLength: all.textLength });
  const text = composer.compose(root);
  if (text.length > all.textLength)
    faults.note(`the text is longer than ${all.textLength} characters; the rest is left out`);
  return {
    headers: root.fields.map((field) => ({ name: field.name, value: decodedValue(field, root.label) })),
    text: text.slice(0, all.textLength),
    html: firstHtml(root, composer),
    parts: [...partsOf(root, composer)],
    faults: faults.list(),
  };
}

function* partsOf(entity: Entity, composer: Composer): Generator<ContentPart> {
  if (isMessage(entity) && entity.children.length > 0) {
    yield {
      ...factsOf(entity, composer),
      charset: null,
      fileName: fileNameOf(entity),
      octets: rawBody(entity).length,
    };
  } else if (entity.children.length === 0) yield* leafParts(entity, composer);
  for (const child of entity.children) yield* partsOf(child, composer);
}

function* leafParts(entity: Entity, composer: Composer): Generator<ContentPart> {
  const { leaf, text } = composer.read(entity);
  const facts = factsOf(entity, composer);
  yield { ...facts, charset: text?.charset ?? null, fileName: leaf.fileName, octets: leaf.octets.length };
  for (const { name, octets } of text?.files ?? [])
    yield {
      number: entity.number,
      mimeType: "application/octet-stream",
      charset: null,
      fileName: name,
      disposition: "attachment",
      octets,
      use: "attachment",
    };
}

function factsOf(
  entity: Entity,
  composer: Composer,
): Pick<ContentPart, "number" | "mimeType" | "disposition" | "use"> {
  return {
    number: entity.number,
    mimeType: entity.type.name,
    disposition: entity.disposition.kind,
    use: composer.useOf(entity),
  };
}

/** That of the message itself, not of one attached to it. */
function firstHtml(entity: Entity, composer: Composer): string | null {
  if (entity.children.length === 0) {
    const { leaf, text } = composer.read(entity);
    const isOfMessage = leaf.kind === "html" && composer.useOf(entity) !== "attachment";
    return isOfMessage ? (text?.source ?? null) : null;
  }
  if (isMessage(entity)) return null;
  for (const child of entity.children) {
    const html = firstHtml(child, composer);
    if (html !== null) return html;
  }
  return null;
}
