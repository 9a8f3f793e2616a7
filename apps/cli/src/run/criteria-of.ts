import type { Criteria } from "@mailonce/core";

/**
 * What `where` says, compiled; null if there is none. Most runs have none and do not wait for the language to be loaded.
 * @throws CriteriaSyntaxError
 */
export async function criteriaOf({ where }: { readonly where?: string }): Promise<Criteria | null> {
  if (where === undefined) return null;
  const { compileCriteria } = await import("@mailonce/core/criteria");
  return compileCriteria(where);
}
