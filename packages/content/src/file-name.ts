import type { Entity } from "./mime/entity.ts";

/** File systems take 255 octets; this many characters a person still reads. */
const LONGEST = 200;
/** Of a name that is cut, the part after its last dot is kept where it is no longer. */
const LONGEST_EXTENSION = 20;
/** Controls, what turns the direction of letters, halves of characters. */
const UNSHOWN = /[\p{Control}\p{Surrogate}\u202a-\u202e\u2066-\u2069]+/gu;

/**
 * The name of a part's file as a person sees it, without the folders that the sender put before it; null if it has none.
 * It is a name to be shown: no file system was asked.
 */
export function fileNameOf({ disposition, type }: Entity): string | null {
  for (const written of [disposition.parameters.get("filename"), type.parameters.get("name")]) {
    const name = shownName(written ?? "");
    if (name !== null) return name;
  }
  return null;
}

function shownName(written: string): string | null {
  const last = written.split(/[/\\]/).at(-1) ?? "";
  const name = last.replace(/\s+/gu, " ").replace(UNSHOWN, "").trim();
  if (/^[. ]*$/.test(name)) return null;
  return name.length > LONGEST ? shortened(name) : name;
}

function shortened(name: string): string {
  const dot = name.lastIndexOf(".");
  const extension = dot > 0 && name.length - dot <= LONGEST_EXTENSION ? name.slice(dot) : "";
  const kept = [...name.slice(0, LONGEST)].slice(0, LONGEST - extension.length - 1).join("");
  return `${kept}…${extension}`;
}
