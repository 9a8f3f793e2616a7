import { indexStatus, type Store } from "@mailonce/runtime";
import type { ContentSettings } from "@mailonce/runtime/config";
import { formatCount, formatOctets } from "../../output/format.ts";
import type { Terminal } from "../../output/terminal.ts";

const NOTHING = { outdated: 0 };
const NO_CONTENTS = { messages: 0, made: 0, failed: 0 };
const NO_ATTACHMENTS = { attachments: 0, octets: 0 };

/** Says how far the index is; a store of null is one that is not there yet. */
export async function showIndexStatus(
  store: Pick<Store, "headers" | "contents"> | null,
  settings: ContentSettings | null,
  wantsJson: boolean | undefined,
  terminal: Terminal,
): Promise<void> {
  const { FACTS_VERSION } = await import("@mailonce/runtime/content");
  const { outdated } = store === null ? NOTHING : await indexStatus(store);
  const isStored = settings?.attachments === "stored";
  const status = (await store?.contents.status(FACTS_VERSION, isStored)) ?? NO_CONTENTS;
  const { messages, made, failed } = status;
  const kept = (await store?.contents.attachmentStatus()) ?? NO_ATTACHMENTS;
  const waiting = messages - made - failed;
  const line = {
    type: "index-status",
    messages,
    indexed: made,
    waiting,
    givenUp: failed,
    oldHeaders: outdated,
    attachments: kept.attachments,
    attachmentOctets: kept.octets,
  };
  await terminal.result(wantsJson, line, inWords(line));
}

function inWords(status: {
  readonly messages: number;
  readonly waiting: number;
  readonly givenUp: number;
  readonly oldHeaders: number;
  readonly attachments: number;
  readonly attachmentOctets: number;
}): string {
  const { messages, waiting, givenUp, oldHeaders, attachments, attachmentOctets } = status;
  const facts = [
    waiting === 0 ? [] : [`${waiting} not indexed yet`],
    oldHeaders === 0 ? [] : [`${oldHeaders} with a header that an older version has read`],
    givenUp === 0 ? [] : [`${givenUp} that could not be read`],
  ].flat();
  const hint = waiting + oldHeaders > 0 ? ": run 'mailonce index'" : "";
  const indexed = `${formatCount(messages, "message")}, ${facts.length === 0 ? "all indexed" : facts.join(", ")}${hint}.`;
  if (attachments === 0) return indexed;
  return `${indexed} ${formatCount(attachments, "attachment")} stored, ${formatOctets(attachmentOctets)}.`;
}
