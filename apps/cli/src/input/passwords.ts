import { addAbortSignal } from "node:stream";
import { FailureError } from "@mailonce/runtime";
import { secretLine, variable } from "@mailonce/runtime/config";
import { readHidden } from "./hidden-input.ts";
import type { Invocation } from "./invocation.ts";

/** Where the mail password may come from. */
export interface PasswordSources extends Pick<Invocation, "env" | "stdin" | "stderr"> {
  readonly passwordStdin: boolean;
  readonly signal: AbortSignal;
}

/**
 * Gives the mail password of each maildrop: from standard input if it was asked for, else MAILONCE_PASSWORD, else a
 * prompt where there is a terminal. The first two serve all maildrops of the command.
 */
export class Passwords {
  readonly #sources: PasswordSources;
  #forAll: Promise<Uint8Array> | null = null;

  constructor(sources: PasswordSources) {
    this.#sources = sources;
  }

  /** Whether a person types them. What is typed may differ each time, so nothing is concluded from a login that fails. */
  get areTyped(): boolean {
    const { passwordStdin, env, stdin } = this.#sources;
    return passwordStdin ? stdin.isTTY === true : env["MAILONCE_PASSWORD"] === undefined;
  }

  /** Whether `of` asks a person on the terminal. */
  get willAsk(): boolean {
    const { stdin, stderr } = this.#sources;
    return this.areTyped && stdin.isTTY === true && stderr.isTTY === true;
  }

  /** The password of this maildrop. @throws FailureError (`config`) if there is none, or none that can be used */
  async of(maildrop: string): Promise<string> {
    const { passwordStdin, env, stdin, stderr, signal } = this.#sources;
    const fromEnvironment = variable(env, "MAILONCE_PASSWORD");
    if (passwordStdin && stdin.isTTY !== true) {
      this.#forAll ??= readAll(stdin, signal);
      return usable(await this.#forAll, "standard input");
    }
    if (!passwordStdin && fromEnvironment !== undefined) return usable(fromEnvironment, "MAILONCE_PASSWORD");
    if (stdin.isTTY !== true || stderr.isTTY !== true) {
      throw new FailureError(
        "no-password",
        "no password: there is no terminal to ask on; give it through --password-stdin or MAILONCE_PASSWORD",
        "config",
      );
    }
    return usable(await readHidden(`Password for ${maildrop}: `, stdin, stderr, signal), "the prompt");
  }
}

function usable(password: Uint8Array | string, source: string): string {
  const read = secretLine(password);
  if (read.kind === "text") return read.text;
  if (read.kind === "empty")
    throw new FailureError("no-password", `the password from ${source} is empty`, "config");
  throw new FailureError("bad-password", `the password from ${source} ${read.why}`, "config");
}

/** More octets on standard input than any password has. */
const MAX_OCTETS = 64 * 1024;

async function readAll(stdin: NodeJS.ReadStream, signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  addAbortSignal(signal, stdin);
  let octets = 0;
  for await (const chunk of stdin) {
    chunks.push(Buffer.from(chunk));
    octets += chunk.length;
    if (octets > MAX_OCTETS)
      throw new FailureError("bad-password", "standard input is too long for a password", "config");
  }
  return Buffer.concat(chunks);
}
