import type { Faults } from "../faults.ts";
import type { ContentLimits } from "../limits.ts";

const BRACKETED = /<([^<>]*)>/g;

/** The first message-id in the text of a field; null if there is none. */
export function firstMessageId(text: string): string | null {
  const [first] = messageIds(text);
  return first ?? null;
}

/** The message-ids of References in their order. Of too many those in the middle are left out. */
export function referencesIn(text: string, { references }: ContentLimits, faults: Faults): readonly string[] {
  const all = [...messageIds(text)];
  if (all.length <= references) return all;
  faults.note(`there are more than ${references} references; those in the middle are left out`);
  return [...all.slice(0, 1), ...all.slice(all.length - references + 1)].slice(0, references);
}

/**
 * The message-ids in the text of a field (RFC 5322 section 3.6.4), in angle brackets. Where none has brackets, words with
 * an `@` are taken for them, or the only word.
 */
function* messageIds(text: string): Generator<string> {
  let hasBrackets = false;
  for (const [, content = ""] of text.matchAll(BRACKETED)) {
    hasBrackets = true;
    const id = content.replace(/\s+/g, "");
    if (id !== "") yield `<${id}>`;
  }
  if (hasBrackets) return;
  const words = text.split(/[\s,;<>]+/).filter((word) => word !== "");
  for (const word of words) if (words.length === 1 || word.includes("@")) yield `<${word}>`;
}
