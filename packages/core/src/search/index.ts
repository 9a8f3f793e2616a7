export { CriteriaSyntaxError } from "../criteria/syntax-error.ts";
export { CUT_TOKEN } from "../words/token.ts";
export { messageTokens, type WordsOfMessage } from "./message-tokens.ts";
export type { Clause, TokenWanted } from "./need.ts";
export { bestFirst, type Occurrences } from "./ranking.ts";
export type { Snippet } from "./snippet.ts";
export { compileSearch, type SearchedContent, type SearchedMessage, StoredQuery } from "./stored-query.ts";
export type { Hit } from "./word-pattern.ts";
