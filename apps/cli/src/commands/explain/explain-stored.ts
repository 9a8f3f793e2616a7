import { headerEnd, MAX_HEADER_OCTETS, type QueryCriteria } from "@mailonce/core";
import type { CommonOptions } from "../../accounts/accounts-file.ts";
import { chosenMaildrop } from "../../accounts/choose-maildrop.ts";
import { usageError } from "../../input/usage-error.ts";
import { shortId } from "../../output/message-columns.ts";
import { NO_DATABASE, openToRead } from "../../store/open-store.ts";
import type { Explanations } from "./explanations.ts";

/** Which of the stored messages, and where they are. */
export interface StoredSelection extends CommonOptions {
  readonly maildrop?: string;
  readonly limit?: number;
}

/** Says of the stored messages whether they are wanted. @throws FailureError (`usage`) */
export async function explainStored(
  places: readonly string[],
  criteria: QueryCriteria,
  options: StoredSelection,
  env: NodeJS.ProcessEnv,
  explanations: Explanations,
): Promise<void> {
  if (places.length > 1) throw usageError("too-many", "--stored takes one account, or none for all");
  const { store, configuration } = await openToRead(options, env);
  if (store === null) throw usageError("no-database", NO_DATABASE);
  await using _closed = store;
  const maildrop = await chosenMaildrop(places[0], options.maildrop, configuration, store);
  const { limit } = options;
  const query = {
    ...(maildrop === undefined ? {} : { maildrop }),
    ...(limit === undefined ? {} : { limit }),
  };
  for await (const { id, maildrop: name, octets, subject, storedAt } of store.messages(query)) {
    const block = await headerBlock(store.content(id));
    await explanations.message({
      place: { maildrop: name },
      label: shortId(id),
      key: { id },
      octets,
      subject,
      explanation: criteria.explain({ block, octets }, { now: new Date(), firstSeen: storedAt }),
    });
  }
  await explanations.totals(maildrop ?? "all maildrops");
}

async function headerBlock(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  let octets: Uint8Array = new Uint8Array(0);
  for await (const chunk of content) {
    octets = Buffer.concat([octets, chunk]);
    const end = headerEnd(octets);
    if (end < octets.length || octets.length >= MAX_HEADER_OCTETS) return octets.subarray(0, end);
  }
  return octets.subarray(0, headerEnd(octets));
}
