export { ContentReader, type ContentReaderOptions } from "./content-reader.ts";
export { FACTS_VERSION } from "./facts.ts";
export {
  type IndexContentsOptions,
  type IndexedContents,
  indexContents,
  type Unreadable,
} from "./index-contents.ts";
export type { ContentStore, Contents } from "./ports.ts";
export { ReaderError } from "./reader-error.ts";
