import { PLAIN_FIELDS } from "./print.ts";

/** What is compared with numbers or times. */
const RANGES: readonly string[] = ["octets", "date", "age"];

/** What stored mail can be asked for beside its header. */
const STORED_FIELDS: readonly string[] = ["text", "filename", "has", "in", "stored"];

const ONLY_STORED = "it is known of stored mail alone: mailonce search";

/** What to tell people who write these words before a colon, which are no fields. */
const HINTS: Readonly<Record<string, string | undefined>> = {
  body: "only headers are looked at, before a message is downloaded",
  size: "the size of a message is asked for as in octets:<5M",
  text: "only headers are looked at, before a message is downloaded",
  filename: ONLY_STORED,
  has: ONLY_STORED,
  in: ONLY_STORED,
  stored: ONLY_STORED,
};

/** The same where mail is stored. */
const STORED_HINTS: Readonly<Record<string, string | undefined>> = {
  body: "the text of a message is asked for as text:",
  size: "the size of a message is asked for as in octets:<5M",
};

/** Says why a name is no field. The message also says which names are. */
export class FieldProblem {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/**
 * The header field that a name in a query means, in lower case; `=octets`, `=date` and the like for what is no header field
 * (none has a `=` in its name).
 *
 * @param isStored whether the mail is stored, and more can be asked than its headers say
 */
export function askedField(written: string, isStored: boolean): string | FieldProblem {
  const name = written.toLowerCase();
  if (RANGES.includes(name) || (isStored && STORED_FIELDS.includes(name))) return `=${name}`;
  if (PLAIN_FIELDS.includes(name)) return name;
  const header = name.startsWith("header.") ? name.slice("header.".length) : name;
  const isName = /^[a-z0-9_.-]{1,100}$/.test(header);
  if (isName && (header !== name || name.includes("-"))) return header;
  const hint = !isName
    ? "any other header field is asked for as in header.sender: or list-id:"
    : (isStored ? STORED_HINTS : HINTS)[name];
  const fields = isStored ? `date, age, octets, ${STORED_FIELDS.join(", ")}` : "date, age and octets";
  return new FieldProblem(
    `"${name}" is none of the fields subject, from, to, cc, ${fields}; ${hint ?? `a header field of that name is asked for as header.${name}:`}`,
  );
}
