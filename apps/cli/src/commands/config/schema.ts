import { configurationSchema } from "@mailonce/runtime/config";
import type { Invocation } from "../../input/invocation.ts";

/** `mailonce config schema` */
export async function writeSchema(_options: object, { terminal }: Invocation): Promise<void> {
  await terminal.write(`${JSON.stringify(await configurationSchema(), null, 2)}\n`);
}
