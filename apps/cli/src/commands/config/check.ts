import { failureOf } from "@mailonce/runtime";
import {
  byPosition,
  type Configuration,
  ConfigurationError,
  type ConfigurationProblem,
  secretVariable,
  surroundingsProblems,
} from "@mailonce/runtime/config";
import { type CommonOptions, readAccountsFile } from "../../accounts/accounts-file.ts";
import { watchInterrupt } from "../../input/interrupt.ts";
import type { Invocation } from "../../input/invocation.ts";
import { EXIT, type ExitCode } from "../../output/exit-code.ts";
import { formatCount } from "../../output/format.ts";
import { safeLine } from "../../output/safe-text.ts";

interface ConfigCheckCommandOptions extends CommonOptions {
  readonly secrets?: boolean;
}

/** `mailonce config check` */
export async function checkConfig(
  options: ConfigCheckCommandOptions,
  invocation: Invocation,
): Promise<ExitCode> {
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
    // While the file has errors none of the commands in it is run.
    secrets: options.secrets === true && wrong === null,
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    // What is wrong with the file itself is told by `wrong` already.
    if (wrong === null || !(error instanceof ConfigurationError)) throw error;
    return [];
  });
  const problems = [...(wrong?.problems ?? []), ...surroundings, ...proxyProblems(env)];
  const all = new ConfigurationError(file, problems.sort(byPosition));
  for (const problem of all.problems) if (json) await terminal.json({ type: "problem", file, ...problem });
  const exitCode = all.problems.length === 0 ? EXIT.done : EXIT[all.kind];
  if (exitCode !== EXIT.done) {
    for (const line of all.lines) terminal.note(`mailonce: ${line}`);
    if (!json) terminal.note(`${formatCount(all.problems.length, "problem")} in ${file}`);
  }
  if (configuration === null) return exitCode;
  const accounts = configuration.accounts.length;
  if (json) await terminal.json({ type: "configuration-check", file, accounts, exitCode });
  else if (exitCode === EXIT.done)
    await terminal.line(safeLine(`${file}: ${formatCount(accounts, "account")}, all well.`));
  return exitCode;
}

/** The accounts file, or what is wrong with its fields. */
async function readOrWrong(
  options: CommonOptions,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly configuration: Configuration | null; readonly wrong: ConfigurationError | null }> {
  try {
    return { configuration: await readAccountsFile(options, env), wrong: null };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { configuration: null, wrong: error };
  }
}

/** What is wrong with the proxy's password, which stands in the environment and not in the file. */
function proxyProblems(env: NodeJS.ProcessEnv): ConfigurationProblem[] {
  try {
    secretVariable(env, "MAILONCE_PROXY_PASSWORD", "the proxy's password");
    return [];
  } catch (error) {
    return [{ line: null, column: null, field: "", message: failureOf(error).message }];
  }
}
