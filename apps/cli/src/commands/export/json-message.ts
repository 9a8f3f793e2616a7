import type { StoredMessage } from "@mailonce/core";
import type { Store } from "@mailonce/runtime";
import { jsonLine } from "../../output/json-line.ts";
import { messageLine } from "../../output/json-lines.ts";

type Content = Awaited<ReturnType<Store["contents"]["read"]>>;

/**
 * A message as one line of JSON: what `list --json` says of it, then `content`, what there is to read in it (null where nobody
 * has read it yet), then, if wanted, `raw`, its octets in base64.
 */
export async function* jsonMessage(
  message: StoredMessage,
  content: Content,
  raw: AsyncIterable<Uint8Array> | null,
): AsyncGenerator<Uint8Array, void> {
  const line = jsonLine(messageLine(message, { content: content === null ? null : contentOf(content) }));
  if (raw === null) {
    yield Buffer.from(line);
    return;
  }
  // A line ends in `}` and LF; the octets may be many, so they are not made one text.
  yield Buffer.from(`${line.trimEnd().slice(0, -1)},"raw":"`);
  let rest: Buffer = Buffer.alloc(0);
  for await (const octets of raw) {
    const all = Buffer.concat([rest, octets]);
    const whole = all.length - (all.length % 3);
    yield Buffer.from(all.toString("base64", 0, whole));
    rest = all.subarray(whole);
  }
  yield Buffer.from(`${rest.toString("base64")}"}\n`);
}

function contentOf(content: NonNullable<Content>): object {
  const { text, textCut, html, hasAttachment, inReplyTo, references, addresses, parts } = content;
  return {
    text,
    textCut,
    html,
    hasAttachment,
    inReplyTo,
    references,
    addresses: addresses.map(({ role, address, displayName }) => ({ role, address, name: displayName })),
    parts: parts.map(({ sha256, ...part }) => ({ ...part, sha256: Buffer.from(sha256).toString("hex") })),
  };
}
