import type { z } from "zod";

/** Asked also where a field in it is wrong, so that all is told at once. */
export const isMapping = ({ value }: { readonly value: unknown }): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Exactly one of these fields must be there; editors are told the same. */
export function oneKeyOf<T extends z.ZodObject>(schema: T, keys: readonly string[], description: string): T {
  return schema
    .refine((value) => keys.filter((key) => key in value).length === 1, {
      message: `must have exactly one of ${keys.join(", ")}`,
      when: isMapping,
    })
    .meta({ description, oneOf: keys.map((key) => ({ required: [key] })) });
}
