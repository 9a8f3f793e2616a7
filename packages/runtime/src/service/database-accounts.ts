import type { AccountSettings } from "../account/settings.ts";
import { ConfigurationError } from "../config/configuration-error.ts";
import { FailureError } from "../failure/failure-error.ts";
import type { StoredAccount } from "./ports.ts";

/** Paths in the settings of a database's accounts are absolute, or relative to the root. */
const NO_FILE = "/database";

/** Accounts of a database, and those whose settings cannot be understood. */
export interface DatabaseAccounts {
  readonly accounts: readonly AccountSettings[];
  /** A sentence each. */
  readonly problems: readonly string[];
}

/** Reads what the database holds for accounts: each as an entry of an accounts file, in JSON. */
export async function databaseAccounts(stored: readonly StoredAccount[]): Promise<DatabaseAccounts> {
  if (stored.length === 0) return { accounts: [], problems: [] };
  // The schema and its library are loaded where there are such accounts, not before.
  const [{ fileSchema }, { configurationOf }] = await Promise.all([
    import("../config/schema.ts"),
    import("../config/configuration-of.ts"),
  ]);
  try {
    const accounts = Object.fromEntries(stored.map(({ name, settings }) => [name, JSON.parse(settings)]));
    return { accounts: configurationOf(NO_FILE, fileSchema.parse({ accounts })).accounts, problems: [] };
  } catch {
    // One by one: which of them it is, and why.
    const accounts: AccountSettings[] = [];
    const problems: string[] = [];
    for (const { name, settings } of stored) {
      try {
        accounts.push(await parseOne(name, settings));
      } catch (error) {
        problems.push(error instanceof Error ? `${name}: ${error.message}` : name);
      }
    }
    return { accounts, problems };
  }
}

/**
 * The settings that an entry of an accounts file gives, for an account that is to be kept in the database.
 * @throws FailureError (`usage`) if they cannot be understood
 */
export function databaseAccount(name: string, entry: object): Promise<AccountSettings> {
  return parseOne(name, JSON.stringify(entry));
}

async function parseOne(name: string, settings: string): Promise<AccountSettings> {
  const { parseConfiguration } = await import("../config/parse-configuration.ts");
  try {
    const text = `{"accounts":{${JSON.stringify(name)}:${settings}}}`;
    const [account] = parseConfiguration(NO_FILE, text).accounts;
    if (account === undefined) throw wrong("there are no settings");
    return account;
  } catch (error) {
    const [problem] = error instanceof ConfigurationError ? error.problems : [];
    if (problem === undefined) throw error;
    const field = problem.field.replace(/^accounts\.?/, "").replace(`${name}.`, "");
    throw wrong(field === "" ? problem.message : `${field}: ${problem.message}`);
  }
}

function wrong(message: string): FailureError {
  return new FailureError("account-settings", message, "usage");
}
