import type { Gateway, Statements } from "../database/gateway.ts";
import type { TableNames } from "../schema/table-names.ts";
import { ClaimStatements } from "./claim-statements.ts";
import {
  type ContentMark,
  fromTheBeginning,
  isSameMark,
  isStale,
  lockMark,
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
 * @param isAnew true: the look at everything begins here
 */
export async function claimContents(
  gateway: Gateway,
  names: TableNames,
  claim: ContentClaim,
  isAnew: boolean,
): Promise<readonly ClaimedMessage[]> {
  const limit = Math.min(claim.limit, MOST_CLAIMED);
  if (limit === 0) return [];
  for (let looked: Looked | null = null; ; ) {
    const before: Looked | null = looked;
    const step: Step = await untilDone(() =>
      gateway.transaction((statements) =>
        claimSome(statements, names, { ...claim, limit }, before ?? (isAnew ? "anew" : null)),
      ),
    );
    if (step.claimed.length > 0 || step.looked === null) return step.claimed;
    looked = step.looked;
  }
}

async function claimSome(
  statements: Statements,
  names: TableNames,
  { parser, limit, token, ttlMs, rebuildBefore }: ContentClaim,
  before: Looked | "anew" | null,
): Promise<Step> {
  const { mark, now } = await lockMark(statements, names);
  const begins = before === "anew" || isStale(mark, now);
  const written = begins ? fromTheBeginning(now) : mark;
  if (begins) await writeMark(statements, names, written);
  const goesOn = before !== null && before !== "anew" && isSameMark(before.written, written);
  const from = goesOn ? before.mark : written;
  const claims = new ClaimStatements(statements, names, { parser, token, ttlMs, now });
  const expired = await claims.takeExpired();
  if (expired.length > 0) return { claimed: expired, looked: null };
  const claimed = [...(await claims.takeReleased(limit))];
  if (claimed.length === limit) return { claimed, looked: null };
  const look = await lookForNew(statements, names, { mark: from, now }, limit - claimed.length);
  claimed.push(...(await claims.takeNew(look.found)));
  const isNoted = look.isOver ? look.isWorthNoting : claimed.length > 0;
  if (isNoted || look.found.length > 0) await writeMark(statements, names, look.mark);
  if (!look.isOver) return { claimed, looked: { written, mark: look.mark } };
  for (const state of ["made", "failed"] as const) {
    claimed.push(...(await claims.takeOutdated(state, limit - claimed.length)));
    if (rebuildBefore !== undefined)
      claimed.push(...(await claims.takeOld(state, rebuildBefore, limit - claimed.length)));
  }
  // What has failed before comes last.
  if (claimed.length === 0) claimed.push(...(await claims.takeTried()));
  return { claimed, looked: null };
}
