export { type DecodedText, decodeCharset } from "./charset.ts";
export { readDate } from "./date.ts";
export { decodeWords } from "./encoded-words.ts";
export {
  decodeField,
  type HeaderField,
  type HeaderFields,
  headerEnd,
  headerFields,
  readHeader,
} from "./header.ts";
