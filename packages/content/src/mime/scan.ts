import { decodeTransfer } from "../encoding/transfer-encoding.ts";
import { bufferOf, latin1 } from "../octets/octets.ts";
import { type Entity, isMessage, isMultipart, rawBody } from "./entity.ts";
import { evidentBoundary } from "./evident-boundary.ts";
import { unstatedType } from "./media-type.ts";
import { isEncodedMessage, type ScanBudget, Scanner } from "./scanner.ts";

/** Takes a message apart (RFC 2046 section 5.1): one pass over its octets, and one more for what is encoded within it. */
export function scanMessage(octets: Uint8Array, budget: ScanBudget): Entity {
  const source = bufferOf(octets);
  const root = new Scanner(source, source.length, budget).scan({
    start: 0,
    depth: 0,
    missing: "text/plain",
    isPart: false,
  });
  takeApart(root, budget);
  number(root, "");
  return root;
}

/** Takes apart what the first pass could not: encoded messages, and multiparts that do not have the boundary they name. */
function takeApart(entity: Entity, budget: ScanBudget): void {
  if (entity.depth < budget.limits.nesting && entity.children.length === 0) {
    if (isForgottenMultipart(entity)) entity.type = unstatedType("multipart/mixed");
    if (isMessage(entity) && isEncodedMessage(entity)) scanEncodedMessage(entity, budget);
    else if (isMultipart(entity)) scanUnclearMultipart(entity, budget);
  }
  for (const child of entity.children) takeApart(child, budget);
}

/** Whether this is a multipart whose header has lost its Content-Type: its body begins with a part. */
function isForgottenMultipart(entity: Entity): boolean {
  if (entity.depth > 0 || entity.type.isStated) return false;
  const body = rawBody(entity);
  const boundary = evidentBoundary(body, "");
  return boundary !== null && latin1(body.subarray(0, 1000)).trimStart().startsWith(`--${boundary}`);
}

function scanEncodedMessage(entity: Entity, budget: ScanBudget): void {
  budget.faults.note("an attached message is encoded");
  const octets = decodeTransfer(rawBody(entity), entity.encoding, "text", budget.faults);
  const scanner = new Scanner(octets, octets.length, budget);
  entity.children.push(
    scanner.scan({ start: 0, depth: entity.depth + 1, missing: "text/plain", isPart: false }),
  );
}

function scanUnclearMultipart(entity: Entity, budget: ScanBudget): void {
  const { encoding } = entity;
  const isEncoded = encoding !== "identity" && encoding !== "unknown";
  const octets = isEncoded
    ? decodeTransfer(rawBody(entity), encoding, "text", budget.faults)
    : rawBody(entity);
  const stated = entity.type.parameters.get("boundary")?.trimEnd() ?? "";
  const boundary =
    isEncoded && stated !== "" && latin1(octets).includes(`--${stated}`)
      ? stated
      : evidentBoundary(octets, stated);
  if (boundary === null) {
    budget.faults.note("the parts of a multipart cannot be told; it is shown as it stands");
    return;
  }
  budget.faults.note(
    isEncoded
      ? "a multipart is encoded"
      : "a multipart does not name the boundary that its parts have; it was told by their lines",
  );
  const copy = { ...entity, source: bufferOf(octets), bodyStart: 0, bodyEnd: octets.length };
  new Scanner(copy.source, copy.source.length, budget).scanParts(copy, boundary);
}

/** Gives an entity and all within it the numbers that IMAP gives parts (RFC 9051 section 6.4.5). */
function number(entity: Entity, prefix: string): void {
  const within = (index: number): string => (prefix === "" ? `${index}` : `${prefix}.${index}`);
  if (isMultipart(entity) && entity.children.length > 0) {
    for (const [at, child] of entity.children.entries()) {
      child.number = within(at + 1);
      numberContent(child);
    }
    return;
  }
  entity.number = within(1);
  numberContent(entity);
}

/** Numbers what is within an entity that has its number. */
function numberContent(entity: Entity): void {
  if (isMessage(entity)) {
    for (const child of entity.children) number(child, entity.number);
  } else if (isMultipart(entity) && entity.children.length > 0) number(entity, entity.number);
}
