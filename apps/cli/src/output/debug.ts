/** Writes the stack of an error, which tells where it came from, if MAILONCE_DEBUG=1 asks for it. */
export function writeStack(
  error: unknown,
  { env, stderr }: { readonly env: NodeJS.ProcessEnv; readonly stderr: NodeJS.WritableStream },
): void {
  if (env["MAILONCE_DEBUG"] === "1" && error instanceof Error) stderr.write(`${error.stack}\n`);
}
