import {
  type AccountSettings,
  accountOptions,
  type Configuration,
  ConfigurationError,
  configurationSchema,
  EXIT,
  type ExitCode,
  failureOf,
  noConfiguration,
  readSecret,
  type SecretSource,
  worstExitCode,
} from "@mailonce/runtime";
import { formatCount } from "../format.ts";
import { watchInterrupt } from "../interrupt.ts";
import { jsonLine } from "../json-lines.ts";
import { findAccountsFile, type PlaceOptions } from "../ledger-settings.ts";
import type { Invocation } from "../program.ts";
import { safeLine } from "../safe-text.ts";
import { shownAccount, shownConfiguration } from "../shown-configuration.ts";

/** The options of the commands of `config`. */
export interface ConfigOptions extends PlaceOptions {
  readonly json?: boolean;
  readonly secrets?: boolean;
}

/** `mailonce config check` */
export async function checkConfig(options: ConfigOptions, invocation: Invocation): Promise<ExitCode> {
  const { terminal, env } = invocation;
  const json = options.json === true;
  let configuration: Configuration;
  try {
    configuration = await accountsFile(options, env);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    for (const problem of error.problems)
      if (json) await terminal.write(jsonLine({ type: "problem", file: error.file, ...problem }));
    for (const line of error.lines) terminal.note(`mailonce: ${line}`);
    if (!json) terminal.note(`${formatCount(error.problems.length, "problem")} in ${error.file}`);
    return error.exitCode;
  }
  using interrupt = watchInterrupt(terminal);
  const exitCodes: ExitCode[] = [];
  const attempt = async (field: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      interrupt.signal.throwIfAborted();
      const { code, message, exitCode } = failureOf(error);
      exitCodes.push(exitCode);
      const { file } = configuration;
      if (json) await terminal.write(jsonLine({ type: "problem", file, field, code, message }));
      terminal.note(`mailonce: ${file}: ${message}`);
    }
  };
  const surroundings = {
    env,
    signal: interrupt.signal,
    tell: (line: string) => terminal.note(`mailonce: ${line}`),
  };
  for (const settings of configuration.accounts) {
    const field = `accounts.${settings.name}`;
    // Nothing but the certificates is read here; tokens are for a login.
    const withoutLogin: AccountSettings = { ...settings, login: { kind: "ask" } };
    await attempt(field, () => accountOptions(withoutLogin, surroundings));
  }
  for (const { field, source } of options.secrets === true ? secretsOf(configuration) : [])
    await attempt(field, () => readSecret(source, field, surroundings));
  const exitCode = worstExitCode(exitCodes);
  const count = formatCount(configuration.accounts.length, "account");
  if (exitCode === EXIT.done && !json)
    await terminal.line(safeLine(`${configuration.file}: ${count}, all well.`));
  if (json)
    await terminal.write(
      jsonLine({
        type: "configuration-check",
        file: configuration.file,
        accounts: configuration.accounts.length,
        exitCode,
      }),
    );
  return exitCode;
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

function secretsOf({ accounts, tokenKey }: Configuration): { field: string; source: SecretSource }[] {
  const found: { field: string; source: SecretSource | null }[] = [
    { field: "tokenKey", source: tokenKey },
    ...accounts.flatMap(({ name, login, hooks }) => [
      { field: `accounts.${name}.password`, source: login.kind === "password" ? login.source : null },
      {
        field: `accounts.${name}.oauth2.clientSecret`,
        source: login.kind === "oauth2" ? login.oauth2.clientSecret : null,
      },
      ...hooks.map((hook) => ({
        field: `accounts.${name}.hooks.${hook.name}.secret`,
        source: hook.kind === "webhook" ? hook.secret : null,
      })),
    ]),
  ];
  return found.flatMap(({ field, source }) => (source === null ? [] : [{ field, source }]));
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
