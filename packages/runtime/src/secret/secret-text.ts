import { readFileSync } from "node:fs";
import { FailureError } from "../failure/failure-error.ts";
import type { Environment } from "../system/environment.ts";

/** A secret's text, or what is wrong with it, to follow "the file …": never anything of the secret itself. */
export type SecretText =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "empty" }
  | { readonly kind: "wrong"; readonly why: string }
  /** It has more than one line, or a NUL, and would be more than one command. */
  | { readonly kind: "lines"; readonly why: string };

const NO_UTF8: SecretText = { kind: "wrong", why: "is no text in UTF-8" };
const UTF16: SecretText = { kind: "wrong", why: "is text in UTF-16: save it in UTF-8" };
const LINES: SecretText = { kind: "lines", why: "holds more than one line (a line break), or a NUL" };

/** What Node puts in the place of octets that are no UTF-8. */
const REPLACEMENT = "\ufffd";
const BYTE_ORDER_MARK = /^\ufeff/;

/**
 * Decodes octets as UTF-8, without the byte order mark that some editors put first. Another encoding is an error: decoded as
 * UTF-8 it would give another secret, which the server refuses, and nobody would know why.
 */
export function decodedSecret(source: Uint8Array | string): SecretText {
  // In a text that Node has decoded, octets that were no UTF-8 are replacement characters.
  if (typeof source === "string") {
    if (source.includes(REPLACEMENT)) return NO_UTF8;
    return { kind: "text", text: source.replace(BYTE_ORDER_MARK, "") };
  }
  if (isUtf16(source)) return UTF16;
  try {
    return { kind: "text", text: new TextDecoder("utf-8", { fatal: true }).decode(source) };
  } catch {
    return NO_UTF8;
  }
}

/** Decodes a secret of one line, and takes its line end off. */
export function secretLine(source: Uint8Array | string): SecretText {
  const decoded = decodedSecret(source);
  if (decoded.kind !== "text") return decoded;
  const text = decoded.text.replace(/\r?\n$/, "");
  if (text === "") return { kind: "empty" };
  // They would end the command that carries it, and the rest of it would be another command.
  if (/[\r\n\0]/.test(text)) return LINES;
  return { kind: "text", text };
}

/**
 * The value of an environment variable, for {@link secretLine} and {@link decodedSecret}; undefined if it is not set. Its
 * octets, if Node has replaced some that are no UTF-8 and the system still knows them; else its text.
 */
export function variable(env: Environment, name: string): Uint8Array | string | undefined {
  const value = env[name];
  if (value === undefined || !value.includes(REPLACEMENT)) return value;
  const octets = startOctets(name);
  // The variable may have been set since the process began: then these are another's octets.
  return octets?.toString("utf8") === value ? octets : value;
}

/**
 * The secret of one line that a variable holds, which may be empty; undefined if it is not set.
 * @param what what it is, for errors: "the database's password"
 * @throws FailureError (`secret`, of the kind `config`) if it is no UTF-8, or has several lines
 */
export function secretVariable(env: Environment, name: string, what: string): string | undefined {
  const value = variable(env, name);
  if (value === undefined) return undefined;
  const read = secretLine(value);
  if (read.kind === "wrong" || read.kind === "lines")
    throw noSecret(`${what}: the environment variable ${name} ${read.why}`);
  return read.kind === "text" ? read.text : "";
}

/** The error where a secret cannot be had. */
export function noSecret(message: string): FailureError {
  return new FailureError("secret", message, "config");
}

/** Whether it is UTF-16: it begins with the mark of it, or every second octet is NUL, as with plain letters. */
function isUtf16(octets: Uint8Array): boolean {
  const [first, second] = octets;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  if (octets.length < 2 || octets.length % 2 === 1) return false;
  return [0, 1].some((at) => octets.every((octet, index) => index % 2 !== at || octet === 0));
}

/** The octets of a variable as this process was started with it; null where the system does not tell. */
function startOctets(name: string): Buffer | null {
  try {
    const all = readFileSync("/proc/self/environ");
    const key = Buffer.from(`\0${name}=`);
    const whole = Buffer.concat([Buffer.from([0]), all]);
    const at = whole.indexOf(key);
    if (at < 0) return null;
    const start = at + key.length;
    const end = whole.indexOf(0, start);
    return whole.subarray(start, end < 0 ? whole.length : end);
  } catch {
    return null;
  }
}
