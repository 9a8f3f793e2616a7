import type { ContentPart } from "./content.ts";

/** Whether a part is a file to a person: it is no part of the text, or it has a file name although it is. */
export function isFile({ use, fileName }: Pick<ContentPart, "use" | "fileName">): boolean {
  return use === "attachment" || fileName !== null;
}
