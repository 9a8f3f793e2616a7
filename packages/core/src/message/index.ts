export { type HeaderLabel, headerLabel } from "./block-label.ts";
export { type DecodedText, decodeCharset } from "./charset.ts";
export { type MessageDate, readDate } from "./date.ts";
export type { DateDoubt } from "./date-doubt.ts";
export { decodeWords } from "./encoded-words.ts";
export { decodeField, decodeFieldOctets } from "./field.ts";
export { type DateKind, type HeaderFields, readHeader } from "./header.ts";
export { type HeaderField, headerEnd, headerFields } from "./header-fields.ts";
export { DECODER_VERSION } from "./version.ts";
