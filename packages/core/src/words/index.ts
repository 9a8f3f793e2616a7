export { type AddressFound, findAddresses, foldAddress } from "./addresses.ts";
export { cutWords, MAX_WORD, type Word } from "./cut.ts";
export { textTokens } from "./text-tokens.ts";
export { CUT_TOKEN, dateToken, type Place, tokenOf, tokenStart } from "./token.ts";
export { WORDS_VERSION } from "./version.ts";
