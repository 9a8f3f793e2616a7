/** The tables of the index of words. */
export interface WordTables {
  /** One row for each message whose words are known. */
  readonly words: string;
  /** The tokens of those that are in no block yet. */
  readonly fresh: string;
  /** The blocks: the first and the last id in each. */
  readonly blocks: string;
  /** What is in the blocks: by block and token, which messages have it. */
  readonly lists: string;
}

/** Their names: those of the others begin with that of the first. */
export function wordTables(words: string): WordTables {
  return { words, fresh: `${words}_fresh`, blocks: `${words}_block`, lists: `${words}_list` };
}
