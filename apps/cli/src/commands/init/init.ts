import { access, mkdir, open, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { confirm, intro, outro } from "@clack/prompts";
import {
  databaseUrl,
  FailureError,
  failureOf,
  openExistingDatabase,
  renameCommand,
  renameMaildrop,
} from "@mailonce/runtime";
import {
  type AccountSettings,
  accountUrl,
  CONFIGURATION_NAMES,
  configurationDirectory,
  configurationSchema,
  isAccountName,
  maildropName,
  parseAccountUrl,
  readConfigurationFile,
} from "@mailonce/runtime/config";
import type { Invocation } from "../../input/invocation.ts";
import { usageError } from "../../input/usage-error.ts";
import { EXIT, type ExitCode } from "../../output/exit-code.ts";
import { accountsFileText, SCHEMA_NAME } from "./file-text.ts";
import { suggestedName } from "./suggestions.ts";
import type { InitWishes, PasswordWish } from "./wishes.ts";

/** The options of init. */
interface InitCommandOptions {
  readonly config?: string;
  readonly url?: string;
  readonly name?: string;
  readonly passwordEnv?: string;
  readonly passwordFile?: string;
  readonly passwordCommand?: string;
  readonly oauth2?: "google" | "microsoft365";
  readonly clientId?: string;
  readonly database?: string;
  readonly takeOver?: boolean;
}

/** `mailonce init` */
export async function initialise(options: InitCommandOptions, invocation: Invocation): Promise<ExitCode> {
  const { terminal, env, stdin, stderr } = invocation;
  const named = options.config ?? (env["MAILONCE_CONFIG"] || undefined);
  const file = resolve(named ?? join(configurationDirectory(env), CONFIGURATION_NAMES[0]));
  if (file.endsWith(".json")) throw usageError("usage", "init writes YAML: name a file that ends in .yaml");
  await refuseToOverwrite(file);
  const asks = options.url === undefined && stdin.isTTY === true && stderr.isTTY === true;
  let typedPassword: string | null = null;
  let wishes: InitWishes;
  if (asks) {
    intro("An accounts file for Mailonce", { output: stderr });
    const { askAll } = await import("./questions.ts");
    ({ typedPassword, ...wishes } = await askAll(invocation));
  } else {
    wishes = wishesOf(options);
  }
  await writeFiles(file, wishes, typedPassword);
  // As every other command will read it.
  const configuration = await readConfigurationFile(file);
  await terminal.line(`${file} is written.`);
  const [settings] = configuration.accounts;
  const url = databaseUrl(env, undefined, configuration);
  const exitCode =
    settings === undefined ? EXIT.done : await offerTakeOver(settings, url, options, invocation, asks);
  const next =
    wishes.password.kind === "oauth2" ? `mailonce login ${wishes.name}` : `mailonce check ${wishes.name}`;
  const advice = `Next: ${next}${named === undefined ? "" : ` --config ${named}`}`;
  if (asks) outro(advice, { output: stderr });
  else terminal.note(advice);
  return exitCode;
}

function wishesOf(options: InitCommandOptions): InitWishes {
  const { url, name, database = null } = options;
  if (url === undefined) {
    throw usageError(
      "usage",
      "there is no terminal to ask on: give --url pop3s://USER@HOST, and where the password is kept",
    );
  }
  const address = parseAccountUrl(url);
  if (name !== undefined && !isAccountName(name)) {
    throw usageError(
      "usage",
      "--name begins with a letter or digit and is made of letters, digits and . _ @ + -",
    );
  }
  return {
    name: name ?? suggestedName(address.host),
    url: accountUrl(address),
    password: passwordWish(options),
    database,
  };
}

function passwordWish(options: InitCommandOptions): PasswordWish {
  const { passwordEnv, passwordFile, passwordCommand, oauth2: provider, clientId } = options;
  if ((provider === undefined) !== (clientId === undefined))
    throw usageError(
      "usage",
      "--oauth2 and --client-id belong together: the provider gives the client id to an application that is registered there ('mailonce help oauth2')",
    );
  if (provider !== undefined && clientId !== undefined) return { kind: "oauth2", provider, clientId };
  if (passwordEnv !== undefined) return { kind: "env", name: passwordEnv };
  // Relative to where the command is run, as everywhere on a command line; in the file it would be to the file.
  if (passwordFile !== undefined) return { kind: "file", path: resolve(passwordFile) };
  if (passwordCommand !== undefined) return { kind: "command", command: passwordCommand };
  return { kind: "ask" };
}

async function refuseToOverwrite(file: string): Promise<void> {
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (exists) throw alreadyThere(file);
}

async function writeFiles(file: string, wishes: InitWishes, typedPassword: string | null): Promise<void> {
  const folder = dirname(file);
  const made: string[] = [];
  // "wx" refuses what somebody else has made meanwhile.
  const make = async (path: string, text: string, flag = "wx"): Promise<void> => {
    await using handle = await open(path, flag, 0o600);
    made.push(path);
    await handle.writeFile(text);
    await handle.chmod(0o600);
  };
  let path = file;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await make(file, accountsFileText(wishes));
    path = join(folder, SCHEMA_NAME);
    await make(path, `${JSON.stringify(await configurationSchema())}\n`, "w");
    if (typedPassword === null || wishes.password.kind !== "file") return;
    path = resolve(folder, wishes.password.path);
    await make(path, `${typedPassword}\n`);
  } catch (error) {
    // Half a file would keep the next init from writing a whole one.
    for (const each of made) await rm(each, { force: true });
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw alreadyThere(path);
    const why = code === "ENOSPC" ? "the disk is full" : code;
    throw new FailureError("cannot-write", `${path} cannot be written (${why})`, "unwritable");
  }
}

function alreadyThere(file: string): FailureError {
  return new FailureError(
    "file-exists",
    `${file} is there already and stays as it is: change it in an editor, or name another with --config`,
    "unwritable",
  );
}

/** What the bare URL has fetched would be fetched again under the account's name. */
async function offerTakeOver(
  settings: AccountSettings,
  url: string,
  options: InitCommandOptions,
  { terminal, env, stdin, stderr }: Invocation,
  asks: boolean,
): Promise<ExitCode> {
  const { account, name } = settings;
  const bare = maildropName(account);
  try {
    await using store = await openExistingDatabase(url, env);
    const isThere = async (maildrop: string) =>
      store !== null && (await store.findMaildrop(maildrop)) !== null;
    if (store === null || !(await isThere(bare)) || (await isThere(account.maildrop))) {
      if (options.takeOver === true)
        terminal.note(
          (await isThere(account.maildrop))
            ? `Nothing is taken over: the database has mail of ${account.maildrop} already.`
            : `Nothing is taken over: the database has no mail of ${bare}.`,
        );
      return EXIT.done;
    }
    const wanted =
      options.takeOver === true ||
      (asks &&
        (await confirm({
          input: stdin,
          output: stderr,
          message: `The database has mail of ${bare}. Shall ${name} go on with it? Otherwise all is downloaded again.`,
        })) === true);
    if (!wanted) {
      terminal.note(`The database has mail of ${bare}. To go on with it: ${renameCommand(bare, name)}`);
      return EXIT.done;
    }
    await renameMaildrop(store, bare, account.maildrop);
    await terminal.line(`${name} goes on with the mail of ${bare}.`);
    return EXIT.done;
  } catch (error) {
    const failure = failureOf(error);
    terminal.note(`mailonce: ${failure.message}`);
    terminal.note(`To go on with what was fetched by the bare URL: ${renameCommand(bare, name)}`);
    // Without a database there is nothing to take over; it was asked for all the same.
    return options.takeOver === true ? EXIT[failure.kind] : EXIT.done;
  }
}
