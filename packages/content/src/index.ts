export type {
  AddressRole,
  ContentAddress,
  ContentHeader,
  ContentPart,
  MessageContent,
} from "./content.ts";
export { type ContentLimits, DEFAULT_LIMITS } from "./limits.ts";
export { PartNotFoundError, partContent } from "./part-content.ts";
export { readContent } from "./read-content.ts";
export { CONTENT_VERSION } from "./version.ts";
