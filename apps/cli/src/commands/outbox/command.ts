import { type CommandContext, readCommand } from "../../definition/context.ts";

const OUTBOX_HELP = `
Hooks (webhooks, programs, queues; see 'mailonce help configuration') are told of each stored message from the outbox:
after it is stored, at least once, and for each account in the order of its messages. mailonce-worker does so by itself;
who fetches by hand says 'mailonce outbox deliver'. What fails is tried again for a day and a half, then given up.

Examples:
  mailonce outbox list                      what waits, and what was given up
  mailonce outbox list work --all           also what is delivered
  mailonce outbox retry 019aa5c1b2f0        try the deliveries of this message now
  mailonce outbox retry --all               all that wait or were given up
  mailonce outbox drop 019aa5c1b2f0         never mind the deliveries of this message
  mailonce outbox drop --hook tickets       nor those to a hook that is no more
  mailonce outbox deliver                   deliver what is due

What was delivered is removed from the outbox after two weeks (worker.keepDelivered in the accounts file); what waits or
was given up stays until it is retried or dropped. The mail itself is not concerned.
`;

/** outbox list, retry, drop and deliver. */
export function addOutboxCommands(context: CommandContext): void {
  const outbox = context.program
    .command("outbox")
    .description("see to what hooks are told of stored messages")
    .helpCommand(false)
    .addHelpText("after", OUTBOX_HELP);

  readCommand(outbox, "list", "list what waits and what was given up")
    .argument("[ACCOUNT]", "only of this account, by its name, its maildrop's name or its URL")
    .option("--maildrop <NAME>", "only of this maildrop")
    .option("--all", "also what is delivered")
    .action(async (place: string | undefined, options) => {
      const { listOutbox } = await import("./outbox.ts");
      context.end(await listOutbox(place, options, context.invocation));
    });

  readCommand(outbox, "retry", "try deliveries again, as if they had never failed")
    .argument("[ID...]", "the messages' ids as list shows them")
    .option("--all", "all that wait or were given up")
    .action(async (ids: string[], options) => {
      const { retryOutbox } = await import("./outbox.ts");
      context.end(await retryOutbox(ids, options, context.invocation));
    });

  readCommand(outbox, "drop", "forget deliveries that wait or were given up: nobody will be told")
    .argument("[ID...]", "the messages' ids as list shows them")
    .option("--given-up", "all that were given up")
    .option("--hook <NAME>", "all to this hook that wait or were given up")
    .action(async (ids: string[], options) => {
      const { dropOutbox } = await import("./outbox.ts");
      context.end(await dropOutbox(ids, options, context.invocation));
    });

  readCommand(outbox, "deliver", "deliver what is due, once").action(async (options) => {
    const { deliverOutbox } = await import("./outbox.ts");
    context.end(await deliverOutbox(options, context.invocation));
  });
}
