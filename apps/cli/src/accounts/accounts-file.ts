import { type Configuration, noConfiguration, readConfiguration } from "@mailonce/runtime/config";

/** The options that nearly all commands have: where accounts and mail are, and how results are written. */
export interface CommonOptions {
  readonly config?: string;
  readonly database?: string;
  readonly json?: boolean;
}

/** Reads the accounts file that the option, the environment or a directory names; null if there is none. */
export function findAccountsFile(
  { config }: CommonOptions,
  env: NodeJS.ProcessEnv,
): Promise<Configuration | null> {
  return readConfiguration({ env, given: config });
}

/** The same for a command that is of no use without one. @throws FailureError (`usage`) if there is none */
export async function readAccountsFile(
  options: CommonOptions,
  env: NodeJS.ProcessEnv,
): Promise<Configuration> {
  const configuration = await findAccountsFile(options, env);
  if (configuration === null) throw noConfiguration();
  return configuration;
}
