import type { Command } from "./command.ts";
import type { Expected } from "./expected.ts";
import { mask } from "./status.ts";

/** A command as it is sent. */
export interface Sent {
  readonly octets: string;
  /** The same for a log, secrets masked. */
  readonly shown: string;
}

/** RFC 5034 section 4: the client gives up. No secret. */
const cancel = "*";

/**
 * A command whose argument is a secret save for so many words, and what it is answered by. `earlier`: the secrets that
 * went before in the same SASL exchange.
 */
export function sendSecret(
  { verb, argument, masked = [] }: Command,
  expected: Expected,
  shownWords: number,
  earlier: readonly string[],
): { readonly sent: Sent; readonly expected: Expected } {
  const text = argument ?? "";
  const [open, secret] = cutAfter(text, shownWords);
  const fresh = [secret, ...masked].filter((one) => one !== "" && one !== cancel);
  const secrets = [...new Set([...fresh, ...earlier])];
  const hidden = secret === "" || secret === cancel ? secret : mask;
  const named = expected.rule.bare === true ? [] : [verb];
  const line = [...named, ...(argument === null ? [] : [text])].join(" ");
  const shown = [...named, open, hidden].filter((word) => word !== "").join(" ");
  return {
    sent: { octets: `${line}\r\n`, shown: `${shown}\r\n` },
    expected: { ...expected, plain: false, secrets, unanswered: secret === "" },
  };
}

/** The first words, and what follows them. */
function cutAfter(text: string, words: number): readonly [string, string] {
  if (words === 0) return ["", text];
  const space = text.indexOf(" ");
  return space < 0 ? [text, ""] : [text.slice(0, space), text.slice(space + 1)];
}
