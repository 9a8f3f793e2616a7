import { indexMessages, indexStatus, openDatabaseToChange, openExistingDatabase } from "@mailonce/runtime";
import type { CommonOptions } from "../../accounts/accounts-file.ts";
import { watchInterrupt } from "../../input/interrupt.ts";
import type { Invocation } from "../../input/invocation.ts";
import { EXIT, type ExitCode } from "../../output/exit-code.ts";
import { formatCount } from "../../output/format.ts";
import { shortId } from "../../output/message-columns.ts";
import { chosenDatabase, NO_DATABASE } from "../../store/open-store.ts";

interface IndexCommandOptions extends CommonOptions {
  readonly rebuild?: boolean;
  readonly status?: boolean;
}

/** `mailonce index [--rebuild|--status]` */
export async function indexStored(options: IndexCommandOptions, invocation: Invocation): Promise<ExitCode> {
  if (options.status === true) return showStatus(options, invocation);
  const { terminal, env } = invocation;
  const url = await chosenDatabase(options, env);
  // Tables of an older version are brought up to date first: it is for the rows in them that this command is run.
  await using store = await openDatabaseToChange(url, env);
  if (store === null) {
    terminal.note(`mailonce: ${NO_DATABASE}`);
    return EXIT.done;
  }
  const { messages, outdated } = await indexStatus(store);
  const total = options.rebuild === true ? messages : outdated;
  using interrupt = watchInterrupt(terminal);
  const showProgress = (done: number): void => {
    if (terminal.statusIsPossible) terminal.status(`indexing  ${done}/${Math.max(total, done)}`);
  };
  showProgress(0);
  const { indexed, damaged } = await indexMessages({
    store,
    rebuild: options.rebuild === true,
    signal: interrupt.signal,
    onProgress: showProgress,
  });
  terminal.status("");
  for (const id of damaged)
    terminal.note(
      `mailonce: message ${shortId(id)} cannot be read: octets of it are missing in the database`,
    );
  const left = Math.max(0, total - indexed - damaged.length);
  const line = { type: "indexed", indexed, damaged: damaged.length, left };
  const rest = left === 0 ? "" : `, ${left} left`;
  await terminal.result(options.json, line, `${formatCount(indexed, "message")} indexed${rest}.`);
  if (interrupt.signal.aborted) return EXIT.interrupted;
  return damaged.length === 0 ? EXIT.done : EXIT.partial;
}

async function showStatus(options: CommonOptions, { terminal, env }: Invocation): Promise<ExitCode> {
  await using store = await openExistingDatabase(await chosenDatabase(options, env), env);
  const status = store === null ? { messages: 0, outdated: 0 } : await indexStatus(store);
  const { messages, outdated } = status;
  const old =
    outdated === 0 ? "all up to date" : `${outdated} of them read by an older version: run 'mailonce index'`;
  const line = { type: "index-status", ...status };
  await terminal.result(options.json, line, `${formatCount(messages, "message")}, ${old}.`);
  return EXIT.done;
}
