import { DEFAULT_CONFIGURATION, type HookSettings } from "@mailonce/runtime/config";
import { databaseAccounts, longestTimeoutMs, OutboxDeliverer, pruneOutbox } from "@mailonce/runtime/service";
import type { CommonOptions } from "../../accounts/accounts-file.ts";
import { watchInterrupt } from "../../input/interrupt.ts";
import type { Invocation } from "../../input/invocation.ts";
import { EXIT, type ExitCode } from "../../output/exit-code.ts";
import { safeLine } from "../../output/safe-text.ts";
import { NO_DATABASE, openToChange } from "../../store/open-store.ts";
import { deliveries } from "./delivery.ts";

/** `mailonce outbox deliver` */
export async function deliverOutbox(
  options: CommonOptions,
  { terminal, env }: Invocation,
): Promise<ExitCode> {
  const { store: opened, configuration } = await openToChange(options, env);
  await using store = opened;
  if (store === null) {
    terminal.note(`mailonce: ${NO_DATABASE}`);
    return EXIT.done;
  }
  const kept = await databaseAccounts(await store.accounts.list());
  const hooks = new Map<string, HookSettings>();
  for (const { account, hooks: own } of [...kept.accounts, ...(configuration?.accounts ?? [])])
    for (const hook of own) hooks.set(JSON.stringify([account.maildrop, hook.name]), hook);
  using interrupt = watchInterrupt(terminal);
  await using deliverer = new OutboxDeliverer({
    store,
    env,
    signal: interrupt.signal,
    hook: (maildrop, name) => hooks.get(JSON.stringify([maildrop, name])) ?? null,
    longestMs: () => longestTimeoutMs([...hooks.values()]),
    onAttempt: ({ maildrop, hook }, result) => {
      if (result.state !== "delivered")
        terminal.note(`mailonce: ${safeLine(`${maildrop}: hook ${hook}: ${result.reason.message}`)}`);
    },
  });
  const { delivered, failed } = await deliverer.deliverDue();
  const { keepDeliveredMs } = (configuration ?? DEFAULT_CONFIGURATION).worker;
  if (keepDeliveredMs !== null) await pruneOutbox(store.outbox, keepDeliveredMs, interrupt);
  const left = failed === 0 ? "" : `, ${failed} failed; they are tried again`;
  const line = { type: "outbox-delivered", delivered, failed };
  await terminal.result(options.json, line, `${deliveries(delivered)} made${left}.`);
  return failed === 0 ? EXIT.done : EXIT.partial;
}
