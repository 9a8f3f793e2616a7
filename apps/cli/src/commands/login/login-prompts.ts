import type { BrowserPrompt, DevicePrompt } from "@mailonce/runtime/oauth2";
import { safeLine } from "../../output/safe-text.ts";
import type { Terminal } from "../../output/terminal.ts";

export interface LoginPromptsParts {
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly name: string;
  readonly user: string;
  /** Whether somebody may type an answer. */
  readonly isTyping: boolean;
}

/** Tells a person what to do to log in; with `--json` a program, which shows it to a person. */
export class LoginPrompts {
  readonly #parts: LoginPromptsParts;

  constructor(parts: LoginPromptsParts) {
    this.#parts = parts;
  }

  async deviceCode(prompt: DevicePrompt): Promise<void> {
    const { terminal, json, user } = this.#parts;
    const { verificationUri, userCode, expiresAt } = prompt;
    if (json) return this.#line({ grant: "device-code", ...prompt, expiresAt: new Date(expiresAt) });
    await terminal.write(`To log in as ${safeLine(user)}, in a browser on any machine:

  1. open  ${terminal.bold(safeLine(verificationUri))}
  2. enter ${terminal.bold(safeLine(userCode))}

The code is good until ${shortTime(expiresAt)}. Ctrl-C gives up.
`);
  }

  async browser(prompt: BrowserPrompt): Promise<void> {
    const { terminal, json, user, isTyping } = this.#parts;
    const { url, port } = prompt;
    if (json) return this.#line({ grant: "browser", ...prompt });
    const elsewhere = isTyping
      ? "ends at a page that it cannot open: paste that page's address here"
      : `needs a way to it: ssh -L ${port}:127.0.0.1:${port}`;
    await terminal.write(`To log in as ${safeLine(user)}, open this in a browser:

${safeLine(url)}

A browser on this machine comes back by itself, to port ${port}. One elsewhere ${elsewhere}. Ctrl-C gives up.
`);
  }

  #line(prompt: object): Promise<void> {
    const { terminal, name } = this.#parts;
    return terminal.json({ type: "login-prompt", account: name, ...prompt });
  }
}

/** Hours and minutes. */
export function shortTime(ms: number | null): string {
  return ms === null
    ? "some time"
    : new Date(ms).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}
