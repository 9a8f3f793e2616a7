import { configurationSchema, EXIT, type ExitCode } from "@mailonce/runtime";
import type { Invocation } from "../../input/invocation.ts";

/** `mailonce config schema` */
export async function writeSchema({ terminal }: Invocation): Promise<ExitCode> {
  await terminal.write(`${JSON.stringify(await configurationSchema(), null, 2)}\n`);
  return EXIT.done;
}
