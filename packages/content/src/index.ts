export type {
  AddressRole,
  ContentAddress,
  ContentHeader,
  ContentPart,
  MessageContent,
} from "./content.ts";
export { isFile } from "./is-file.ts";
export { type ContentLimits, DEFAULT_LIMITS } from "./limits.ts";
export {
  type PartName,
  PartNotFoundError,
  type PartPiece,
  partContent,
  partContents,
} from "./part-content.ts";
export { readContent } from "./read-content.ts";
export { CONTENT_VERSION } from "./version.ts";
