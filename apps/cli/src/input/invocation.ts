import type { Terminal } from "../output/terminal.ts";

/** What a command is given besides its own arguments: where it writes, where it may ask, and the environment. */
export interface Invocation {
  readonly terminal: Terminal;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: NodeJS.ReadStream;
  readonly stderr: NodeJS.WriteStream;
}
