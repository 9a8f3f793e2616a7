import { z } from "zod";
import type { SecretSource } from "../account/settings.ts";
import { command, mapping, oneKeyOf, path, text } from "./fields.ts";

const secretKeys = ["env", "file", "command"];

/** Where a secret is kept. */
export function secret(description: string) {
  const source = oneKeyOf(
    mapping({
      env: text("The name of an environment variable.", "the name of an environment variable").optional(),
      file: path("A file that nobody else can read (mode 0600); one line end is taken off.").optional(),
      command: command(
        "A command that writes it to standard output, such as pass show mail/work; a list goes without a shell.",
      ).optional(),
    }),
    secretKeys,
    description,
  );
  // In other programs' files a text is the secret itself.
  return z.preprocess((value, context) => {
    if (typeof value !== "string" && typeof value !== "number") return value;
    context.addIssue({
      code: "custom",
      message:
        "a secret does not belong here: write where it is kept, { env: NAME }, { file: PATH } or { command: pass show NAME }",
    });
    return z.NEVER;
  }, source.transform(secretSource));
}

function secretSource({
  env,
  file,
  command,
}: {
  env?: string | undefined;
  file?: string | undefined;
  command?: string | readonly string[] | undefined;
}): SecretSource {
  if (env !== undefined) return { kind: "env", name: env };
  if (file !== undefined) return { kind: "file", path: file };
  return { kind: "command", command: command ?? "" };
}
