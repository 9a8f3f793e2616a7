import {
  CUT_TOKEN,
  compileSearch,
  messageTokens,
  type SearchedMessage,
  type StoredQuery,
} from "@mailonce/core/search";
import { dateToken } from "@mailonce/core/words";

/** What a test says of a message. */
export interface MessageParts {
  readonly header?: Readonly<Record<string, string>>;
  readonly text?: string;
  readonly fileNames?: readonly string[];
  readonly hasAttachment?: boolean;
  readonly maildrop?: string;
  readonly octets?: number;
  readonly date?: string | null;
  readonly storedAt?: string;
}

export function message(parts: MessageParts): SearchedMessage {
  const fields = Object.entries(parts.header ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
  return {
    octets: parts.octets ?? 1000,
    date: parts.date === null ? null : new Date(parts.date ?? "2026-01-15T12:00:00Z"),
    storedAt: new Date(parts.storedAt ?? "2026-02-01T00:00:00Z"),
    maildrop: parts.maildrop ?? "joe@mail.example.org",
    block: Buffer.from(`${fields.join("")}\r\n`),
    content: {
      text: parts.text ?? "",
      fileNames: parts.fileNames ?? [],
      hasAttachment: parts.hasAttachment ?? false,
    },
  };
}

/** Whether the query finds the message. Fails if it does although an index of tokens would not give the message. */
export function finds(query: string, parts: MessageParts): boolean {
  const compiled = compileSearch(query);
  const searched = message(parts);
  const isFound = compiled.accepts(searched);
  if (isFound && !isCandidate(compiled, searched))
    throw new Error(
      `${query} finds ${JSON.stringify(parts)}, which has not the tokens ${JSON.stringify(compiled.clauses)}`,
    );
  return isFound;
}

function isCandidate(query: StoredQuery, { block, content, date }: SearchedMessage): boolean {
  const month = date === null ? null : dateToken(date);
  const words = messageTokens({ block, text: content?.text ?? "", fileNames: content?.fileNames ?? [] });
  const tokens = month === null ? words : [...words, month];
  return query.clauses.every((clause) =>
    tokens.some(
      (token) =>
        token === CUT_TOKEN ||
        clause.some(({ token: wanted, isStart }) => (isStart ? token.startsWith(wanted) : token === wanted)),
    ),
  );
}
