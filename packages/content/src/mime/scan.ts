import { decodeTransfer } from "../encoding/transfer-encoding.ts";
import { bufferOf, latin1 } from "../octets/octets.ts";
import { type Entity, isMultipart } from "./entity.ts";
import { evidentBoundary } from "./evident-boundary.ts";
import { unstatedType } from "./media-type.ts";
import { type EntityTaker, type ScanBudget, Scanner } from "./scanner.ts";

/**
 * Takes an entity apart that has ended and in which the pass over the message could find none: an encoded message, or a
 * multipart that does not have the boundary it names (RFC 2046 section 5.1). What was too large to be kept stays as it is.
 */
export function takeApart(entity: Entity, budget: ScanBudget, taker: EntityTaker): void {
  if (entity.depth >= budget.limits.nesting || entity.body.isLarge) return;
  if (isForgottenMultipart(entity)) entity.type = unstatedType("multipart/mixed");
  if (entity.isEncodedMessage) scanEncodedMessage(entity, budget, taker);
  else if (isMultipart(entity)) scanUnclearMultipart(entity, budget, taker);
}

/** Whether this is a multipart whose header has lost its Content-Type: its body begins with a part. */
function isForgottenMultipart(entity: Entity): boolean {
  if (entity.depth > 0 || entity.type.isStated) return false;
  const body = entity.body.whole();
  const boundary = evidentBoundary(body, "");
  return boundary !== null && latin1(body.subarray(0, 1000)).trimStart().startsWith(`--${boundary}`);
}

function scanEncodedMessage(entity: Entity, budget: ScanBudget, taker: EntityTaker): void {
  budget.faults.note("an attached message is encoded");
  const octets = decodeTransfer(entity.body.whole(), entity.encoding, "text", budget.faults);
  entity.body.settle(octets);
  new Scanner(budget, taker, { parent: entity }).end(octets);
}

function scanUnclearMultipart(entity: Entity, budget: ScanBudget, taker: EntityTaker): void {
  const { encoding, body } = entity;
  const isEncoded = encoding !== "identity" && encoding !== "unknown";
  const octets = isEncoded
    ? decodeTransfer(body.whole(), encoding, "text", budget.faults)
    : bufferOf(body.whole());
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
  new Scanner(budget, taker, { within: entity, boundary }).end(octets);
}
