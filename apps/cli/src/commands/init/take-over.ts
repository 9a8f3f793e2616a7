import { confirm } from "@clack/prompts";
import {
  failureOf,
  openExistingDatabase,
  renameCommand,
  renameMaildrop,
  type Store,
} from "@mailonce/runtime";
import { type AccountSettings, maildropName } from "@mailonce/runtime/config";
import type { Invocation } from "../../input/invocation.ts";
import { EXIT, type ExitCode } from "../../output/exit-code.ts";

/** How it is decided whether the new account goes on with what was fetched by its bare URL. */
export interface TakeOver {
  /** True: it does, without a question. */
  readonly wanted: boolean;
  /** Whether there is somebody to ask. */
  readonly asks: boolean;
}

/**
 * Lets a new account go on with the mail that was fetched by its bare URL: otherwise all of it would be fetched again
 * under the account's name. Who does not want that now is told how to do it later.
 * @param url the database's
 */
export async function offerTakeOver(
  settings: AccountSettings,
  url: string,
  { wanted, asks }: TakeOver,
  invocation: Invocation,
): Promise<ExitCode> {
  const { terminal, env } = invocation;
  const { account, name } = settings;
  const bare = maildropName(account);
  try {
    await using store = await openExistingDatabase(url, env);
    const nothing = await nothingToTakeOver(store, bare, account.maildrop);
    if (store === null || nothing !== null) {
      if (wanted) terminal.note(`Nothing is taken over: ${nothing}.`);
    } else if (wanted || (asks && (await isAgreedTo(bare, name, invocation)))) {
      await renameMaildrop(store, bare, account.maildrop);
      await terminal.line(`${name} goes on with the mail of ${bare}.`);
    } else terminal.note(`The database has mail of ${bare}. To go on with it: ${renameCommand(bare, name)}`);
    return EXIT.done;
  } catch (error) {
    const failure = failureOf(error);
    terminal.note(`mailonce: ${failure.message}`);
    terminal.note(`To go on with what was fetched by the bare URL: ${renameCommand(bare, name)}`);
    // Where nobody asked for it, a database that cannot be opened is no failure of init.
    return wanted ? EXIT[failure.kind] : EXIT.done;
  }
}

/** Why there is nothing to take over; null if there is something. */
async function nothingToTakeOver(
  store: Pick<Store, "findMaildrop"> | null,
  bare: string,
  maildrop: string,
): Promise<string | null> {
  const isThere = async (name: string) => store !== null && (await store.findMaildrop(name)) !== null;
  if (await isThere(maildrop)) return `the database has mail of ${maildrop} already`;
  return (await isThere(bare)) ? null : `the database has no mail of ${bare}`;
}

async function isAgreedTo(bare: string, name: string, { stdin, stderr }: Invocation): Promise<boolean> {
  const message = `The database has mail of ${bare}. Shall ${name} go on with it? Otherwise all is downloaded again.`;
  return (await confirm({ input: stdin, output: stderr, message })) === true;
}
