import { addAbortSignal } from "node:stream";
import { FailureError } from "@mailonce/runtime";
import { secretLine, variable } from "@mailonce/runtime/config";
import { readHidden } from "./hidden-input.ts";
import type { Invocation } from "./invocation.ts";

/** How the mail password is to be had. */
interface PasswordOptions {
  readonly passwordStdin: boolean;
  readonly signal: AbortSignal;
}

/**
 * Gives the mail password of each maildrop: from standard input if it was asked for, else MAILONCE_PASSWORD, else a
 * prompt where there is a terminal. The first two serve all maildrops of the command.
 */
export class Passwords {
  readonly #invocation: Pick<Invocation, "env" | "stdin" | "stderr">;
  readonly #options: PasswordOptions;
  #forAll: Promise<Uint8Array> | null = null;

  constructor(invocation: Pick<Invocation, "env" | "stdin" | "stderr">, options: PasswordOptions) {
    this.#invocation = invocation;
    this.#options = options;
  }

  /** Whether a person types them. What is typed may differ each time, so nothing is concluded from a login that fails. */
  get areTyped(): boolean {
    const { env } = this.#invocation;
    if (this.#options.passwordStdin) return this.#invocation.stdin.isTTY === true;
    return env["MAILONCE_PASSWORD"] === undefined;
  }

  /** Whether `of` asks a person on the terminal. */
  get willAsk(): boolean {
    if (!this.areTyped) return false;
    const { stdin, stderr } = this.#invocation;
    return stdin.isTTY === true && stderr.isTTY === true;
  }

  /** The password of this maildrop. @throws FailureError (`config`) if there is none, or none that can be used */
  async of(maildrop: string): Promise<string> {
    const { passwordStdin, signal } = this.#options;
    const fromEnvironment = variable(this.#invocation.env, "MAILONCE_PASSWORD");
    if (!passwordStdin && fromEnvironment !== undefined) return usable(fromEnvironment, "MAILONCE_PASSWORD");
    const { stdin, stderr } = this.#invocation;
    if (passwordStdin && stdin.isTTY !== true) {
      this.#forAll ??= readAll(stdin, signal);
      return usable(await this.#forAll, "standard input");
    }
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
