import {
  byPosition,
  type Configuration,
  ConfigurationError,
  type ConfigurationProblem,
  configurationSchema,
  EXIT,
  type ExitCode,
  failureOf,
  noConfiguration,
  secretVariable,
  surroundingsProblems,
} from "@mailonce/runtime";
import { watchInterrupt } from "../../input/interrupt.ts";
import { formatCount } from "../../output/format.ts";
import { jsonLine } from "../../output/json-lines.ts";
import { safeLine } from "../../output/safe-text.ts";
import type { Invocation } from "../../program.ts";
import { findAccountsFile, type PlaceOptions } from "../../store/open-store.ts";
import { shownAccount, shownConfiguration } from "./shown-configuration.ts";

/** The options of the commands of `config`. */
export interface ConfigOptions extends PlaceOptions {
  readonly json?: boolean;
  readonly secrets?: boolean;
}

/** `mailonce config check` */
export async function checkConfig(options: ConfigOptions, invocation: Invocation): Promise<ExitCode> {
  const { terminal, env } = invocation;
  const json = options.json === true;
  using interrupt = watchInterrupt(terminal);
  const { signal } = interrupt;
  const { configuration, wrong } = await readOrWrong(options, env);
  const file = configuration?.file ?? wrong?.file ?? "";
  const surroundings = await surroundingsProblems(file, {
    env,
    signal,
    tell: (line) => terminal.note(`mailonce: ${line}`),
    // No command is run that a file names which is wrong.
    secrets: options.secrets === true && wrong === null,
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    // Such a file has been complained of already.
    if (wrong === null || !(error instanceof ConfigurationError)) throw error;
    return [];
  });
  const problems = [...(wrong?.problems ?? []), ...surroundings, ...proxyProblems(env)];
  const all = new ConfigurationError(file, problems.sort(byPosition));
  for (const problem of all.problems)
    if (json) await terminal.write(jsonLine({ type: "problem", file, ...problem }));
  const exitCode = all.problems.length === 0 ? EXIT.done : all.exitCode;
  if (exitCode !== EXIT.done) {
    for (const line of all.lines) terminal.note(`mailonce: ${line}`);
    if (!json) terminal.note(`${formatCount(all.problems.length, "problem")} in ${file}`);
  }
  if (configuration === null) return exitCode;
  const accounts = configuration.accounts.length;
  if (json) await terminal.write(jsonLine({ type: "configuration-check", file, accounts, exitCode }));
  else if (exitCode === EXIT.done)
    await terminal.line(safeLine(`${file}: ${formatCount(accounts, "account")}, all well.`));
  return exitCode;
}

/** The accounts file, or what is wrong with its fields. */
async function readOrWrong(
  options: PlaceOptions,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly configuration: Configuration | null; readonly wrong: ConfigurationError | null }> {
  try {
    return { configuration: await accountsFile(options, env), wrong: null };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { configuration: null, wrong: error };
  }
}

/** What no field of the file is about. */
function proxyProblems(env: NodeJS.ProcessEnv): ConfigurationProblem[] {
  try {
    secretVariable(env, "MAILONCE_PROXY_PASSWORD", "the proxy's password");
    return [];
  } catch (error) {
    return [{ line: null, column: null, field: "", message: failureOf(error).message }];
  }
}

/** `mailonce config show` */
export async function showConfig(options: ConfigOptions, { terminal, env }: Invocation): Promise<ExitCode> {
  const configuration = await accountsFile(options, env);
  if (options.json === true) {
    await terminal.write(jsonLine(shownConfiguration(configuration, env)));
    return EXIT.done;
  }
  const { accounts: _accounts, type: _type, ...general } = shownConfiguration(configuration, env);
  await lines("", general);
  for (const settings of configuration.accounts) {
    const { name, ...rest } = shownAccount(settings);
    await terminal.line("");
    await terminal.line(terminal.bold(safeLine(String(name))));
    await lines("  ", rest);
  }
  return EXIT.done;

  async function lines(indent: string, values: Readonly<Record<string, unknown>>): Promise<void> {
    const told = Object.entries(values).filter(([, value]) => !isEmpty(value));
    const width = Math.max(...told.map(([key]) => key.length));
    for (const [key, value] of told) {
      await terminal.line(`${indent}${key.padEnd(width)}  ${safeLine(inWords(value))}`);
    }
  }
}

/** `mailonce config schema` */
export async function writeSchema({ terminal }: Invocation): Promise<ExitCode> {
  await terminal.write(`${JSON.stringify(await configurationSchema(), null, 2)}\n`);
  return EXIT.done;
}

async function accountsFile(options: PlaceOptions, env: NodeJS.ProcessEnv): Promise<Configuration> {
  const configuration = await findAccountsFile(options, env);
  if (configuration === null) throw noConfiguration();
  return configuration;
}

function inWords(value: unknown): string {
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .filter(([, inner]) => inner !== null)
    .map(([key, inner]) => `${key}: ${inner}`)
    .join(", ");
}

function isEmpty(value: unknown): boolean {
  if (value === null) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
