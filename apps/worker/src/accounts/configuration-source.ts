import {
  type Configuration,
  DEFAULT_WORKER,
  type Environment,
  findConfiguration,
  readConfigurationFile,
} from "@mailonce/runtime/config";
import { environmentConfiguration, withEnvironment } from "./environment.ts";

/** Where a configuration comes from. */
export interface ConfigurationSource {
  /** The accounts file; null: the environment, or the database alone. */
  readonly file: string | null;
  /** @throws FailureError with exit code 78 */
  read(): Promise<Configuration>;
}

/**
 * MAILONCE_ACCOUNTS, else the accounts file (`--config`, MAILONCE_CONFIG, or where one usually is), else nothing but
 * defaults: then the accounts are those of the database.
 * @throws FailureError with exit code 78
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
  const none: Configuration = {
    file: "",
    database: null,
    tokenKey: null,
    concurrency: 4,
    worker: DEFAULT_WORKER,
    accounts: [],
  };
  return { file: null, read: async () => withEnvironment(none, env) };
}
