import { join, resolve } from "node:path";
import { intro, outro } from "@clack/prompts";
import { databaseUrl } from "@mailonce/runtime";
import { CONFIGURATION_NAMES, configurationDirectory, readConfigurationFile } from "@mailonce/runtime/config";
import type { Invocation } from "../../input/invocation.ts";
import { usageError } from "../../input/usage-error.ts";
import { EXIT, type ExitCode } from "../../output/exit-code.ts";
import { type AccountDescription, fromOptions } from "./from-options.ts";
import type { NewAccountsFile } from "./new-accounts-file.ts";
import { offerTakeOver } from "./take-over.ts";
import { refuseToOverwrite, writeFiles } from "./write-files.ts";

interface InitCommandOptions extends AccountDescription {
  readonly config?: string;
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
  const content = asks ? await ask(invocation) : fromOptions(options);
  await writeFiles(file, content);
  // It is read back as every other command will read it.
  const configuration = await readConfigurationFile(file);
  await terminal.line(`${file} is written.`);
  const [settings] = configuration.accounts;
  const url = databaseUrl(env, undefined, configuration);
  const takeOver = { wanted: options.takeOver === true, asks };
  const exitCode =
    settings === undefined ? EXIT.done : await offerTakeOver(settings, url, takeOver, invocation);
  const next = `mailonce ${content.password.kind === "oauth2" ? "login" : "check"} ${content.name}`;
  const advice = `Next: ${next}${named === undefined ? "" : ` --config ${named}`}`;
  if (asks) outro(advice, { output: stderr });
  else terminal.note(advice);
  return exitCode;
}

async function ask(invocation: Invocation): Promise<NewAccountsFile> {
  intro("An accounts file for Mailonce", { output: invocation.stderr });
  const { askAll } = await import("./ask.ts");
  return askAll(invocation);
}
