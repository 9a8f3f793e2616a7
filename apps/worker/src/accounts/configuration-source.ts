import {
  type Configuration,
  DEFAULT_CONFIGURATION,
  type Environment,
  findConfiguration,
  readConfigurationFile,
} from "@mailonce/runtime/config";
import { environmentConfiguration, withEnvironment } from "./environment.ts";

/** Where the configuration comes from. */
export interface ConfigurationSource {
  /** The accounts file; null if the accounts stand in the environment, or in the database alone. */
  readonly file: string | null;
  /** @throws FailureError (`config`) */
  read(): Promise<Configuration>;
}

/**
 * Finds the source of the configuration: MAILONCE_ACCOUNTS unless a file was given, else the accounts file (`--config`,
 * MAILONCE_CONFIG, or where one usually is). Without either there are only defaults, and the accounts of the database.
 * @throws FailureError (`config`)
 */
export async function configurationSource(
  env: Environment,
  given: string | undefined,
): Promise<ConfigurationSource> {
  const fromEnvironment = given === undefined ? await environmentConfiguration(env) : null;
  if (fromEnvironment !== null) return { file: null, read: async () => fromEnvironment };
  const file = await findConfiguration({ env, given });
  if (file !== null)
    return { file, read: async () => withEnvironment(await readConfigurationFile(file), env) };
  return { file: null, read: async () => withEnvironment(DEFAULT_CONFIGURATION, env) };
}
