import { ArgumentError } from "../arguments/argument-error.ts";
import {
  expectLimit,
  expectList,
  expectMilliseconds,
  expectObject,
  expectOctets,
  expectOneOf,
  expectText,
  expectTextOrNull,
  expectTime,
} from "../arguments/expect-arguments.ts";
import { uuidToOctets } from "../values/uuid-octets.ts";
import type {
  ContentClaim,
  DerivedAddress,
  DerivedPart,
  NewAttachment,
  NewContent,
} from "./derived-content.ts";

const ROLES = ["from", "sender", "reply-to", "to", "cc", "bcc"] as const;
const USES = ["text", "alternative", "attachment"] as const;

/** What the contents take. All throw ArgumentError. */
export function expectClaim(claim: ContentClaim): void {
  expectObject("claim", claim);
  expectVersion("claim.parser", claim.parser);
  expectLimit("claim.limit", claim.limit);
  expectText("claim.token", claim.token);
  expectMilliseconds("claim.ttlMs", claim.ttlMs);
  if (claim.rebuildBefore !== undefined) expectTime("claim.rebuildBefore", claim.rebuildBefore);
}

export function expectContents(contents: readonly NewContent[]): void {
  expectList("contents", contents);
  for (const content of contents) {
    expectObject("contents[…]", content);
    uuidToOctets(content.id, "contents[…].id");
    expectVersion("contents[…].parser", content.parser);
    for (const name of ["text", "html", "preview", "inReplyTo"] as const)
      expectTextOrNull(`contents[…].${name}`, content[name]);
    if (content.messageId !== undefined) expectTextOrNull("contents[…].messageId", content.messageId);
    for (const name of ["references", "faults"] as const) {
      expectList(`contents[…].${name}`, content[name]);
      for (const one of content[name]) expectText(`contents[…].${name}[…]`, one);
    }
    if (content.tokens !== undefined) {
      expectList("contents[…].tokens", content.tokens);
      for (const token of content.tokens) expectToken(token);
    }
    if (content.attachments !== undefined) {
      expectList("contents[…].attachments", content.attachments);
      for (const sha256 of content.attachments) expectOctets("contents[…].attachments[…]", sha256);
    }
    expectList("contents[…].parts", content.parts);
    for (const part of content.parts) expectPart(part);
    expectList("contents[…].addresses", content.addresses);
    for (const address of content.addresses) expectAddress(address);
  }
}

/** What would be more than one token to a database, or none, is refused. */
function expectToken(token: unknown): void {
  if (typeof token === "string" && /^[0-9a-z]{4,60}$/.test(token)) return;
  throw new ArgumentError("contents[…].tokens[…]", "4 to 60 letters a to z and digits", token);
}

function expectPart(part: DerivedPart): void {
  expectObject("contents[…].parts[…]", part);
  const of = "contents[…].parts[…].";
  for (const name of ["number", "mimeType"] as const) expectText(`${of}${name}`, part[name]);
  for (const name of ["charset", "fileName", "contentId"] as const)
    expectTextOrNull(`${of}${name}`, part[name]);
  if (part.disposition !== null) expectOneOf(`${of}disposition`, ["inline", "attachment"], part.disposition);
  expectVersion(`${of}octets`, part.octets);
  expectOctets(`${of}sha256`, part.sha256);
  expectOneOf(`${of}use`, USES, part.use);
}

function expectAddress(address: DerivedAddress): void {
  expectObject("contents[…].addresses[…]", address);
  expectOneOf("contents[…].addresses[…].role", ROLES, address.role);
  expectText("contents[…].addresses[…].address", address.address);
  expectTextOrNull("contents[…].addresses[…].displayName", address.displayName);
}

export function expectAttachments(attachments: readonly NewAttachment[]): void {
  expectList("attachments", attachments);
  for (const attachment of attachments) {
    expectObject("attachments[…]", attachment);
    expectOctets("attachments[…].sha256", attachment.sha256);
    expectObject("attachments[…].content", attachment.content);
  }
}

/** A whole number, such as the version of a parser. */
export function expectVersion(argument: string, value: unknown): void {
  if (Number.isSafeInteger(value) && Number(value) >= 0) return;
  throw new ArgumentError(argument, "a whole number from 0", value);
}
