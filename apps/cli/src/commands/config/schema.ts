import { configurationSchema } from "@mailonce/runtime";
import { EXIT, type ExitCode } from "../../exit-code.ts";
import type { Invocation } from "../../input/invocation.ts";

/** `mailonce config schema` */
export async function writeSchema({ terminal }: Invocation): Promise<ExitCode> {
  await terminal.write(`${JSON.stringify(await configurationSchema(), null, 2)}\n`);
  return EXIT.done;
}
