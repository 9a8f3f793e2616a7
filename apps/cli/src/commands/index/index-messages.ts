import { indexMessages, indexStatus } from "@mailonce/runtime";
import { DEFAULT_CONFIGURATION } from "@mailonce/runtime/config";
import type { CommonOptions } from "../../accounts/accounts-file.ts";
import { watchInterrupt } from "../../input/interrupt.ts";
import type { Invocation } from "../../input/invocation.ts";
import { EXIT, type ExitCode } from "../../output/exit-code.ts";
import { formatCount } from "../../output/format.ts";
import { shortId } from "../../output/message-columns.ts";
import { safeLine } from "../../output/safe-text.ts";
import type { Terminal } from "../../output/terminal.ts";
import { NO_DATABASE, openToChange, openToRead } from "../../store/open-store.ts";
import { readContents } from "./read-contents.ts";
import { showIndexStatus } from "./show-index-status.ts";

interface IndexCommandOptions extends CommonOptions {
  readonly rebuild?: boolean;
  readonly status?: boolean;
}

/** `mailonce index [--rebuild|--status]` */
export async function indexStored(options: IndexCommandOptions, invocation: Invocation): Promise<ExitCode> {
  const { terminal, env } = invocation;
  if (options.status === true) {
    const { store: opened, configuration } = await openToRead(options, env);
    await using store = opened;
    const { content } = configuration ?? DEFAULT_CONFIGURATION;
    await showIndexStatus(store, content, options.json, terminal);
    return EXIT.done;
  }
  // Tables of an older version are brought up to date first: it is for the rows in them that this command is run.
  const { store: opened, configuration } = await openToChange(options, env);
  await using store = opened;
  if (store === null) {
    terminal.note(`mailonce: ${NO_DATABASE}`);
    return EXIT.done;
  }
  const { content } = configuration ?? DEFAULT_CONFIGURATION;
  const rebuild = options.rebuild === true;
  using interrupt = watchInterrupt(terminal);
  const { signal } = interrupt;
  const { messages, outdated } = await indexStatus(store);
  const headers = await indexMessages({
    store,
    rebuild,
    signal,
    onProgress: progress(terminal, "reading headers", rebuild ? messages : outdated),
  });
  const contents = await readContents({
    store,
    settings: content,
    rebuild,
    signal,
    progressOf: (total) => progress(terminal, "indexing", total),
  });
  terminal.status("");
  const damaged = headers.damaged.map((id) => ({ id, reason: "octets of it are missing in the database" }));
  const unreadable = new Map([...damaged, ...contents.unreadable].map(({ id, reason }) => [id, reason]));
  for (const [id, reason] of unreadable)
    terminal.note(`mailonce: message ${shortId(id)} cannot be read: ${safeLine(reason)}`);
  const { indexed, left } = contents;
  const { outdated: oldHeaders } = await indexStatus(store);
  const line = {
    type: "indexed",
    indexed,
    headers: headers.indexed,
    unreadable: unreadable.size,
    left,
    oldHeaders,
  };
  await terminal.result(options.json, line, inWords(line));
  if (signal.aborted) return EXIT.interrupted;
  return unreadable.size === 0 ? EXIT.done : EXIT.partial;
}

function inWords(line: {
  readonly indexed: number;
  readonly headers: number;
  readonly left: number;
  readonly oldHeaders: number;
}): string {
  const { indexed, headers, left, oldHeaders } = line;
  const facts = [
    `${formatCount(indexed, "message")} indexed`,
    headers === 0 ? [] : `${formatCount(headers, "header")} read anew`,
    left === 0 ? [] : `${left} left`,
    oldHeaders === 0 ? [] : `${formatCount(oldHeaders, "header")} left`,
  ];
  return `${facts.flat().join(", ")}.`;
}

/** Shows how far it is, where that can be seen. */
function progress(terminal: Terminal, what: string, total: number): (done: number) => void {
  const show = (done: number): void => {
    if (terminal.statusIsPossible) terminal.status(`${what}  ${done}/${Math.max(total, done)}`);
  };
  if (total > 0) show(0);
  return show;
}
