import type { z } from "zod";

/** Makes zod run a check although a field within the mapping is wrong, so that all problems are reported together. */
export const isMapping = ({ value }: { readonly value: unknown }): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Adds to a mapping's schema, and to its JSON Schema for editors, that exactly one of these fields must be there. */
export function oneKeyOf<T extends z.ZodObject>(schema: T, keys: readonly string[], description: string): T {
  return schema
    .refine((value) => keys.filter((key) => key in value).length === 1, {
      message: `must have exactly one of ${keys.join(", ")}`,
      when: isMapping,
    })
    .meta({ description, oneOf: keys.map((key) => ({ required: [key] })) });
}
