/**
 * The version of the rules by which texts are cut into words and words become tokens. It is kept with each message's tokens,
 * and must be raised whenever a text would give others: then the tokens of stored messages are to be made anew.
 */
export const WORDS_VERSION = 3;
