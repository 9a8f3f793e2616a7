import { HeldExport } from "@mailonce/runtime";
import { didYouMean } from "@mailonce/runtime/config";
import type { CommonOptions } from "../../accounts/accounts-file.ts";
import type { Invocation } from "../../input/invocation.ts";
import { usageError } from "../../input/usage-error.ts";
import { NO_DATABASE, openToChange } from "../../store/open-store.ts";

/** `mailonce export --forget NAME` */
export async function forgetExport(
  name: string,
  options: CommonOptions,
  { terminal, env }: Invocation,
): Promise<void> {
  await using store = (await openToChange(options, env)).store;
  if (store === null) throw usageError("unknown-export", NO_DATABASE);
  const names = (await store.exports.all()).map((one) => one.name);
  if (!names.includes(name)) {
    const known = names.length === 0 ? "; there is none at all" : `; there are ${names.join(", ")}`;
    throw usageError("unknown-export", `there is no export ${name}${didYouMean(name, names) || known}`);
  }
  await using held = await HeldExport.take(store, name);
  await held.forget();
  await terminal.result(
    options.json,
    { type: "export-forgotten", name },
    `The export ${name} is forgotten: the next one of this name has had no message. Files stay as they are.`,
  );
}
