import { readDate } from "@mailonce/core/message";
import { Composer } from "./composer.ts";
import type { ContentPart, MessageContent } from "./content.ts";
import { Faults } from "./faults.ts";
import { fileNameOf } from "./file-name.ts";
import { hasAttachment } from "./has-attachment.ts";
import { addressesOf } from "./header/addresses.ts";
import { firstMessageId, referencesIn } from "./header/message-ids.ts";
import { type ContentLimits, DEFAULT_LIMITS } from "./limits.ts";
import { MessageReader, type ReadMessage } from "./message-reader.ts";
import { type Entity, isMessage, numberOf } from "./mime/entity.ts";
import { decodedValue, fieldText } from "./mime/header-block.ts";
import { measureOf } from "./octets/measure.ts";
import { previewOf } from "./preview.ts";

/**
 * Reads a message as a person does. Never throws because of what is in it: what is wrong with it is in `faults`, and what
 * cannot be taken apart is text as it stands. Takes time in proportion to the octets.
 */
export function readContent(message: Uint8Array, limits?: Partial<ContentLimits>): MessageContent;
/**
 * Reads a message that arrives in pieces, and gives the same of it, wherever they are cut. Keeps in memory no more than the
 * limits allow, however large the message is: attachments are decoded and digested as they come. The octets of the pieces
 * must not be changed afterwards. Rejects with what the source throws, and with nothing else.
 */
export function readContent(
  message: AsyncIterable<Uint8Array>,
  limits?: Partial<ContentLimits>,
): Promise<MessageContent>;
export function readContent(
  message: Uint8Array | AsyncIterable<Uint8Array>,
  limits: Partial<ContentLimits> = {},
): MessageContent | Promise<MessageContent> {
  const all = { ...DEFAULT_LIMITS, ...limits };
  const faults = new Faults();
  const reader = new MessageReader(all, faults);
  if (!(message instanceof Uint8Array)) return readStream(message, reader, all, faults);
  reader.add(message);
  return contentOf(reader.end(), all, faults);
}

async function readStream(
  message: AsyncIterable<Uint8Array>,
  reader: MessageReader,
  limits: ContentLimits,
  faults: Faults,
): Promise<MessageContent> {
  for await (const octets of message) reader.add(octets);
  return contentOf(reader.end(), limits, faults);
}

function contentOf({ root, leaves }: ReadMessage, limits: ContentLimits, faults: Faults): MessageContent {
  const composer = new Composer(leaves, { faults, textLength: limits.textLength });
  const text = composer.compose(root);
  if (text.length > limits.textLength)
    faults.note(`the text is longer than ${limits.textLength} characters; the rest is left out`);
  const parts = [...partsOf(root, composer)];
  return {
    ...headerFacts(root, limits, faults),
    text: text.slice(0, limits.textLength),
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
  const headers = root.fields.map((field) => ({ name: field.name, value: decodedValue(field, root.label) }));
  // As in `readHeader` of `@mailonce/core/message`, the first field counts that says something.
  const valuesOf = (field: string): readonly string[] =>
    headers
      .filter(({ name, value }) => value !== "" && name.toLowerCase() === field)
      .map(({ value }) => value);
  const [subject = null] = valuesOf("subject");
  const [date = null] = valuesOf("date").flatMap((value) => readDate(value) ?? []);
  const [messageId = ""] = valuesOf("message-id");
  const [inReplyTo = ""] = valuesOf("in-reply-to");
  return {
    headers,
    subject,
    date,
    addresses: addressesOf(root, limits, faults),
    messageId: firstMessageId(messageId),
    inReplyTo: firstMessageId(inReplyTo),
    references: referencesIn(valuesOf("references").join(" "), limits, faults),
  };
}

function* partsOf(entity: Entity, composer: Composer): Generator<ContentPart> {
  if (isMessage(entity) && entity.children.length > 0) {
    yield {
      ...factsOf(entity, composer),
      charset: null,
      fileName: fileNameOf(entity),
      ...entity.body.measure,
    };
  } else if (entity.children.length === 0) yield* leafParts(entity, composer);
  for (const child of entity.children) yield* partsOf(child, composer);
}

function* leafParts(entity: Entity, composer: Composer): Generator<ContentPart> {
  const { leaf, text } = composer.read(entity);
  const facts = factsOf(entity, composer);
  yield { ...facts, charset: text?.charset ?? null, fileName: leaf.fileName, ...entity.body.measure };
  for (const [at, { name, octets }] of (text?.files ?? []).entries())
    yield {
      number: facts.number,
      fileIndex: at + 1,
      mimeType: "application/octet-stream",
      charset: null,
      fileName: name,
      disposition: "attachment",
      contentId: null,
      ...measureOf(octets),
      use: "attachment",
    };
}

function factsOf(
  entity: Entity,
  composer: Composer,
): Pick<ContentPart, "number" | "fileIndex" | "mimeType" | "disposition" | "contentId" | "use"> {
  return {
    number: numberOf(entity),
    fileIndex: 0,
    mimeType: entity.type.name,
    disposition: entity.disposition.kind,
    contentId: contentIdOf(entity),
    use: composer.useOf(entity),
  };
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
