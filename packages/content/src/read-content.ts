import { type MessageDate, readDate } from "@mailonce/core/message";
import { Composer } from "./composer.ts";
import type { ContentPart, MessageContent } from "./content.ts";
import { Faults } from "./faults.ts";
import { fileNameOf } from "./file-name.ts";
import { hasAttachment } from "./has-attachment.ts";
import { addressesOf } from "./header/addresses.ts";
import { firstMessageId, referencesIn } from "./header/message-ids.ts";
import { type ContentLimits, DEFAULT_LIMITS } from "./limits.ts";
import { type Entity, isMessage, rawBody } from "./mime/entity.ts";
import { decodedField, decodedValue, fieldText } from "./mime/header-block.ts";
import { scanMessage } from "./mime/scan.ts";
import { withLineFeeds } from "./octets/octets.ts";
import { sha256 } from "./octets/sha256.ts";
import { previewOf } from "./preview.ts";

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
  const parts = [...partsOf(root, composer)];
  return {
    ...headerFacts(root, all, faults),
    text: text.slice(0, all.textLength),
    preview: previewOf(text),
    html: firstHtml(root, composer),
    parts,
    hasAttachment: hasAttachment(parts, composer.htmlSources()),
    faults: faults.list(),
  };
}

type HeaderFacts = "headers" | "subject" | "date" | "addresses" | "messageId" | "inReplyTo" | "references";

/** What the header of a message says. */
function headerFacts(root: Entity, limits: ContentLimits, faults: Faults): Pick<MessageContent, HeaderFacts> {
  return {
    headers: root.fields.map((field) => ({ name: field.name, value: decodedValue(field, root.label) })),
    subject: decodedField(root, "subject") || null,
    date: dateOf(root),
    addresses: addressesOf(root, limits, faults),
    messageId: firstMessageId(decodedField(root, "message-id")),
    inReplyTo: firstMessageId(decodedField(root, "in-reply-to")),
    references: referencesIn(decodedField(root, "references"), limits, faults),
  };
}

/** As `readHeader` of `@mailonce/core/message` does it: the first field counts that names a date. */
function dateOf({ fields, label }: Entity): MessageDate | null {
  for (const field of fields) {
    const date = field.name.toLowerCase() === "date" ? readDate(decodedValue(field, label)) : null;
    if (date !== null) return date;
  }
  return null;
}

function* partsOf(entity: Entity, composer: Composer): Generator<ContentPart> {
  if (isMessage(entity) && entity.children.length > 0) {
    yield {
      ...factsOf(entity, composer),
      charset: null,
      fileName: fileNameOf(entity),
      ...measured(rawBody(entity)),
    };
  } else if (entity.children.length === 0) yield* leafParts(entity, composer);
  for (const child of entity.children) yield* partsOf(child, composer);
}

function* leafParts(entity: Entity, composer: Composer): Generator<ContentPart> {
  const { leaf, text } = composer.read(entity);
  const facts = factsOf(entity, composer);
  yield { ...facts, charset: text?.charset ?? null, fileName: leaf.fileName, ...measured(leaf.octets) };
  for (const { name, octets } of text?.files ?? [])
    yield {
      number: entity.number,
      mimeType: "application/octet-stream",
      charset: null,
      fileName: name,
      disposition: "attachment",
      contentId: null,
      ...measured(octets),
      use: "attachment",
    };
}

function factsOf(
  entity: Entity,
  composer: Composer,
): Pick<ContentPart, "number" | "mimeType" | "disposition" | "contentId" | "use"> {
  return {
    number: entity.number,
    mimeType: entity.type.name,
    disposition: entity.disposition.kind,
    contentId: contentIdOf(entity),
    use: composer.useOf(entity),
  };
}

function measured(octets: Uint8Array): Pick<ContentPart, "octets" | "sha256"> {
  return { octets: octets.length, sha256: sha256(octets) };
}

function contentIdOf({ fields }: Entity): string | null {
  return fieldText(fields, "content-id")?.replace(/^<|>$/g, "").trim() || null;
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
