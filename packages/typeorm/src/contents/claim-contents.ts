import type { Gateway, Statements } from "../database/gateway.ts";
import type { TableNames } from "../schema/table-names.ts";
import { ClaimStatements } from "./claim-statements.ts";
import {
  type ContentMark,
  isSameMark,
  isStale,
  lockMark,
  lookAtAll,
  lookForNew,
  writeMark,
} from "./content-mark.ts";
import type { ClaimedMessage, ContentClaim } from "./derived-content.ts";
import { untilDone } from "./until-done.ts";

/** Messages that are claimed at once, at most. */
const MOST_CLAIMED = 1000;

/** What a transaction has claimed. */
interface Step {
  readonly claimed: readonly ClaimedMessage[];
  /** How far it has looked; null: there is nothing else to claim. */
  readonly looked: Looked | null;
  /** Whether the look at everything began here. */
  readonly hasBegun: boolean;
}

/** How far a look has come that has found nothing yet: it is not worth a write on the disk. */
interface Looked {
  /** The mark as it stands in the database. If it is another one by now, this look counts for nothing. */
  readonly written: ContentMark;
  readonly mark: ContentMark;
}

/**
 * Claims messages to be read: see {@link StoredContents.claim}. Goes over many messages in several transactions, because a
 * transaction locks out who else wants to claim, and on SQLite whoever stores.
 *
 * @param isAnew true: everything is looked at anew once nothing else is found; `hasBegun` says whether it came to that
 */
export async function claimContents(
  gateway: Gateway,
  names: TableNames,
  claim: ContentClaim,
  isAnew: boolean,
): Promise<Omit<Step, "looked">> {
  const limit = Math.min(claim.limit, MOST_CLAIMED);
  if (limit === 0) return { claimed: [], hasBegun: false };
  let hasBegun = false;
  for (let looked: Looked | null = null; ; ) {
    const before: Looked | null = looked;
    const wanted = { ...claim, limit, exact: isAnew && !hasBegun };
    const step: Step = await untilDone(() =>
      gateway.transaction((statements) => claimSome(statements, names, wanted, before)),
    );
    hasBegun ||= step.hasBegun;
    if (step.claimed.length > 0 || step.looked === null) return { claimed: step.claimed, hasBegun };
    looked = step.looked;
  }
}

async function claimSome(
  statements: Statements,
  names: TableNames,
  { parser, limit, token, ttlMs, rebuildBefore, attachments = false, exact = false }: ContentClaim,
  before: Looked | null,
): Promise<Step> {
  const { mark: written, now } = await lockMark(statements, names);
  const from = before !== null && isSameMark(before.written, written) ? before.mark : written;
  const claims = new ClaimStatements(statements, names, { parser, token, ttlMs, now });
  const expired = await claims.takeExpired();
  if (expired.length > 0) return { claimed: expired, looked: null, hasBegun: false };
  const claimed = [...(await claims.takeReleased(limit))];
  if (claimed.length === limit) return { claimed, looked: null, hasBegun: false };
  const look = await lookForNew(statements, names, { mark: from, now }, limit - claimed.length);
  claimed.push(...(await claims.takeNew(look.found)));
  const hasBegun = look.isOver && claimed.length === 0 && (exact || isStale(written, now));
  if (hasBegun) {
    const anew = await lookAtAll(statements, names, now);
    await writeMark(statements, names, anew.mark);
    if (!anew.isOver) return { claimed, looked: { written: anew.mark, mark: anew.mark }, hasBegun };
  } else {
    const isNoted = look.isOver ? look.isWorthNoting : claimed.length > 0;
    if (isNoted || look.found.length > 0) await writeMark(statements, names, look.mark);
    if (!look.isOver) return { claimed, looked: { written, mark: look.mark }, hasBegun };
  }
  for (const state of ["made", "complete", "failed"] as const) {
    claimed.push(...(await claims.takeOutdated(state, limit - claimed.length)));
    if (rebuildBefore !== undefined)
      claimed.push(...(await claims.takeOld(state, rebuildBefore, limit - claimed.length)));
  }
  if (attachments) claimed.push(...(await claims.takeWithoutAttachments(limit - claimed.length)));
  // What has failed before comes last.
  if (claimed.length === 0) claimed.push(...(await claims.takeTried()));
  return { claimed, looked: null, hasBegun };
}
