import type { StoredQuery } from "@mailonce/core/search";
import type { Store } from "@mailonce/runtime";
import { formatCount } from "../output/format.ts";
import type { Terminal } from "../output/terminal.ts";

type Request = Parameters<Store["search"]>[0];
/** A message that was found, with the piece of its text that shows why. */
export type FoundMessage = Awaited<ReturnType<Store["search"]>>["messages"][number];

/** Most messages of one page. */
const PAGE = 200;

/**
 * The messages that a query finds, those stored last first, at most so many; page by page. Returns where to go on; null if
 * everything was looked at.
 */
export async function* foundMessages(
  store: Store,
  request: Request,
  limit: number,
): AsyncGenerator<FoundMessage, string | null, undefined> {
  let found = 0;
  let cursor = request.cursor;
  for (;;) {
    const page = await store.search({
      ...request,
      limit: Math.min(PAGE, limit - found),
      ...(cursor === undefined ? {} : { cursor }),
    });
    yield* page.messages;
    found += page.messages.length;
    if (page.next === null || found >= limit) return page.next;
    cursor = page.next;
  }
}

/** How many messages this query cannot find yet, whatever is in them. */
export async function unreadOf(store: Store, { needsContent }: StoredQuery): Promise<number> {
  if (!needsContent) return 0;
  const { messages, indexed } = await store.searchStatus();
  return Math.max(0, messages - indexed);
}

/** Tells people of them. */
export function noteUnread(unread: number, terminal: Terminal): void {
  if (unread > 0)
    terminal.note(`${formatCount(unread, "message")} not read yet cannot be found: run 'mailonce index'`);
}
