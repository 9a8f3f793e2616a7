import type { Command } from "./command.ts";
import type { ExpectedReply } from "./expected-reply.ts";
import { mask } from "./status.ts";

/** A command as it goes over the wire, and as it may be shown. */
export interface EncodedCommand {
  readonly octets: string;
  /** The same for a log, secrets masked. */
  readonly shown: string;
}

/** What the client says to give a SASL exchange up (RFC 5034 section 4). It is no secret. */
const cancel = "*";

/**
 * Encodes a command with a secret in its argument: all of it but the first `shownWords` words is masked where it is shown.
 * `usual` is the reply that the command has without a secret, `earlier` are the secrets that went before in the same SASL
 * exchange. The expected reply then names every text that the server must not be seen to repeat.
 */
export function encodeSecret(
  { verb, argument, masked = [] }: Command,
  usual: ExpectedReply,
  shownWords: number,
  earlier: readonly string[],
): { readonly encoded: EncodedCommand; readonly expected: ExpectedReply } {
  const text = argument ?? "";
  const [open, secret] = cutAfter(text, shownWords);
  const fresh = [secret, ...masked].filter((one) => one !== "" && one !== cancel);
  const secrets = [...new Set([...fresh, ...earlier])];
  const hidden = secret === "" || secret === cancel ? secret : mask;
  const named = usual.rule.bare === true ? [] : [verb];
  const line = [...named, ...(argument === null ? [] : [text])].join(" ");
  const shown = [...named, open, hidden].filter((word) => word !== "").join(" ");
  return {
    encoded: { octets: `${line}\r\n`, shown: `${shown}\r\n` },
    expected: { ...usual, plain: false, secrets, awaitsChallenge: secret === "" },
  };
}

/** The first so many words of a text, and what follows them. */
function cutAfter(text: string, words: number): readonly [string, string] {
  if (words === 0) return ["", text];
  const space = text.indexOf(" ");
  return space < 0 ? [text, ""] : [text.slice(0, space), text.slice(space + 1)];
}
