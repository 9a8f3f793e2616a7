import { headerEvidence } from "../../src/index.ts";

/** Octets of the field that a server writes into retrieved messages. */
export const VOLATILE_OCTETS = 12;
const VOLATILE_FIELD = "Status: RO\r\n";

/**
 * The content of a message of the model; several messages may have the same. Two mails are the same content exactly if
 * they are the same object.
 */
export interface Mail {
  /** A short name for people: `s7` is a strong mail, `w0b1` a weak one with body 1. */
  readonly name: string;
  /** The number of its header. The criteria of the model look at its parity. */
  readonly header: number;
  readonly strong: boolean;
  /** Number of octets without the volatile field. */
  readonly size: number;
  readonly headerDigest: Uint8Array;
  /** The octets that the server sends, without and with the volatile field. */
  readonly plain: Uint8Array;
  readonly marked: Uint8Array;
}

const mails = new Map<string, Mail>();
const byOctets = new Map<string, Mail>();

/** The n-th strong mail. Its header has a Received field, and no other mail has it. */
export function strongMail(n: number): Mail {
  return mailOf(`s${n}`, 1000 + n, true, 0);
}

/** A mail with the weak header of this number. The mails with bodies 0, 1 and 3 have equally many octets, 2 has more. */
export function weakMail(header: number, body: number): Mail {
  return mailOf(`w${header}b${body}`, header, false, body);
}

/** The mail of these octets, null if no server of the model ever sends them. */
export function mailWithOctets(octets: Uint8Array): Mail | null {
  return byOctets.get(latin1(octets)) ?? null;
}

/** The header that TOP gives on a server with one answer for all messages. */
export const ONE_HEADER_FOR_ALL = Buffer.from("Subject: h9999\r\n\r\n");

function mailOf(name: string, header: number, strong: boolean, body: number): Mail {
  const made = mails.get(name);
  if (made !== undefined) return made;
  const size = 100 + 10 * (header % 2) + (body === 2 ? 7 : 0);
  const fields = `${strong ? "Received: mx\r\n" : ""}Subject: h${header}\r\n`;
  const rest = `\r\nbody ${body} of ${name}`;
  const text = rest.padEnd(size - fields.length - 2, ".");
  const mail: Mail = {
    name,
    header,
    strong,
    size,
    headerDigest: headerEvidence(Buffer.from(`${fields}\r\n`)).headerDigest,
    plain: Buffer.from(`${fields}${text}\r\n`),
    marked: Buffer.from(`${fields}${VOLATILE_FIELD}${text}\r\n`),
  };
  mails.set(name, mail);
  for (const octets of [mail.plain, mail.marked]) byOctets.set(latin1(octets), mail);
  return mail;
}

function latin1(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString("latin1");
}
