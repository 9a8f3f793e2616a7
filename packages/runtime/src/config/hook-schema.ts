import { INCLUDABLE } from "../account/settings.ts";
import { FieldError } from "../text/field-error.ts";
import { didYouMean } from "../text/suggestion.ts";
import {
  duration,
  field,
  isMapping,
  mapping,
  OCTETS_SCHEMA,
  oneKeyOf,
  program,
  readOctets,
  text,
  url,
} from "./fields.ts";
import { secret } from "./secret-schema.ts";

/** The most of each text that a hook can be told. */
const MOST_INCLUDED_OCTETS = 2 ** 19;

const includable = field(
  "What a hook is told of what is in the message besides its header; parts: number, type, name, octets and digest of each.",
  { type: "array", items: { enum: INCLUDABLE }, minItems: 1, uniqueItems: true },
  (value) => {
    if (!Array.isArray(value) || value.length === 0)
      throw new FieldError(`must be a list of ${INCLUDABLE.join(", ")}, such as [text, parts]`);
    const wrong = value.find((one) => !INCLUDABLE.includes(one));
    if (wrong !== undefined)
      throw new FieldError(
        `has an item that is none of ${INCLUDABLE.join(", ")}${typeof wrong === "string" ? didYouMean(wrong, INCLUDABLE) : ""}`,
      );
    return INCLUDABLE.filter((one) => value.includes(one));
  },
);

/** A hook as a file has it. */
export const hookSchema = oneKeyOf(
  mapping({
    webhook: url("POST to this URL, as JSON.", ["https:", "http:"]).optional(),
    secret: secret("Signs the body of a webhook (HMAC-SHA-256).").optional(),
    exec: program(
      "Run this program, without a shell; the message comes on standard input as it arrived, or what include names as JSON.",
    ).optional(),
    queue: text("The name of a BullMQ queue.", "the name of a queue").optional(),
    url: url("The queue's Redis.", ["redis:", "rediss:"]).optional(),
    include: includable.optional(),
    includeOctets: field(
      "So many octets at most of each text, and of the list of parts (default 256k, at most 512k).",
      OCTETS_SCHEMA,
      readIncludeOctets,
    ).optional(),
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
  .refine((value) => value.include !== undefined || value.includeOctets === undefined, {
    message: "includeOctets belongs to include",
    when: isMapping,
  })
  .refine((value) => value.webhook !== undefined || value.secret === undefined, {
    message: "secret belongs to a webhook",
    when: isMapping,
  });

function readIncludeOctets(value: unknown): number {
  const octets = readOctets(value);
  if (octets <= MOST_INCLUDED_OCTETS) return octets;
  throw new FieldError("must be 512k or less");
}

/** Checks a hook's name. @throws FieldError */
export function readHookName(value: unknown): string {
  if (typeof value === "string" && /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value)) return value;
  throw new FieldError("a hook's name is made of at most 64 letters, digits, dots, hyphens and underscores");
}
