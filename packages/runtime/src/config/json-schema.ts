/** The JSON Schema (draft 7) of an accounts file, for editors and other programs. */
export async function configurationSchema(): Promise<Readonly<Record<string, unknown>>> {
  const [{ z }, { fileSchema }] = await Promise.all([import("zod"), import("./schema.ts")]);
  const { $schema, ...schema } = z.toJSONSchema(fileSchema, { io: "input", target: "draft-7" });
  return { $schema, title: "Mailonce accounts file", ...schema };
}
