import { FieldError } from "../text/field-error.ts";
import { duration, isMapping, mapping, oneKeyOf, program, text, url } from "./fields.ts";
import { secret } from "./secret-schema.ts";

/** A hook as a file has it. */
export const hookSchema = oneKeyOf(
  mapping({
    webhook: url("POST to this URL, as JSON.", ["https:", "http:"]).optional(),
    secret: secret("Signs the body of a webhook (HMAC-SHA-256).").optional(),
    exec: program(
      "Run this program, without a shell; the message comes on standard input as it arrived.",
    ).optional(),
    queue: text("The name of a BullMQ queue.", "the name of a queue").optional(),
    url: url("The queue's Redis.", ["redis:", "rediss:"]).optional(),
    timeout: duration("How long a webhook or a program may take (default 30s).").optional(),
  }),
  ["webhook", "exec", "queue"],
  "Who is told of new mail.",
)
  .refine((value) => value.queue === undefined || value.url !== undefined, {
    message: "a queue needs a url, such as redis://localhost:6379",
    when: isMapping,
  })
  .refine((value) => value.queue !== undefined || value.url === undefined, {
    message: "url belongs to a queue",
    when: isMapping,
  })
  .refine((value) => value.webhook !== undefined || value.secret === undefined, {
    message: "secret belongs to a webhook",
    when: isMapping,
  });

/** Checks a hook's name. @throws FieldError */
export function readHookName(value: unknown): string {
  if (typeof value === "string" && /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value)) return value;
  throw new FieldError("a hook's name is made of at most 64 letters, digits, dots, hyphens and underscores");
}
