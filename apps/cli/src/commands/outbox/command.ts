import { type CommandContext, groupCommand, readCommand } from "../../definition/context.ts";
import { CHANGE_CODES, exitCodes, INTERRUPTED, READ_CODES, WRONG_USAGE } from "../../help/exit-codes.ts";

const EXIT_CODES = exitCodes({
  ...CHANGE_CODES,
  2: `${WRONG_USAGE}, or there is no such message in the outbox`,
});

const HELP = `
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

${EXIT_CODES}`;

const DELIVER_EXIT_CODES = exitCodes({
  ...CHANGE_CODES,
  65: "some deliveries failed; they are tried again",
  130: INTERRUPTED,
});

/** outbox list, retry, drop and deliver */
export function addOutboxCommands({ program, action }: CommandContext): void {
  const outbox = groupCommand(program, "outbox", "see to what hooks are told of stored messages", HELP);

  readCommand(outbox, "list", "list what waits and what was given up", exitCodes(READ_CODES))
    .argument("[ACCOUNT]", "only of this account, by its name, its maildrop's name or its URL")
    .option("--maildrop <NAME>", "only of this maildrop")
    .option("--all", "also what is delivered")
    .action(action(async () => (await import("./list.ts")).listOutbox));

  readCommand(outbox, "retry", "try deliveries again, as if they had never failed", EXIT_CODES)
    .argument("[ID...]", "the messages' ids as list shows them")
    .option("--all", "all that wait or were given up")
    .action(action(async () => (await import("./change.ts")).retryOutbox));

  readCommand(outbox, "drop", "forget deliveries that wait or were given up: nobody will be told", EXIT_CODES)
    .argument("[ID...]", "the messages' ids as list shows them")
    .option("--given-up", "all that were given up")
    .option("--hook <NAME>", "all to this hook that wait or were given up")
    .action(action(async () => (await import("./change.ts")).dropOutbox));

  readCommand(outbox, "deliver", "deliver what is due, once", DELIVER_EXIT_CODES).action(
    action(async () => (await import("./deliver.ts")).deliverOutbox),
  );
}
