import type { StoredAccount } from "@mailonce/typeorm";
import type { AccountSettings } from "../config/settings.ts";
import { EXIT } from "../exit-code.ts";
import { FailureError } from "../failure-error.ts";

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
  try {
    return { accounts: await settingsOf(stored), problems: [] };
  } catch {
    // Which of them it is.
    const accounts: AccountSettings[] = [];
    const problems: string[] = [];
    for (const one of stored) {
      try {
        accounts.push(...(await settingsOf([one])));
      } catch (error) {
        problems.push(`${one.name}: ${error instanceof Error ? error.message : "unknown settings"}`);
      }
    }
    return { accounts, problems };
  }
}

/**
 * The settings that an entry of an accounts file gives, for an account that is to be kept in the database.
 * @throws FailureError with exit code 2 if they cannot be understood
 */
export async function databaseAccount(name: string, entry: object): Promise<AccountSettings> {
  const [settings] = await settingsOf([{ name, settings: JSON.stringify(entry) }]);
  if (settings === undefined) throw wrong("there are no settings");
  return settings;
}

async function settingsOf(stored: readonly StoredAccount[]): Promise<readonly AccountSettings[]> {
  // The schema and its library are loaded where there are such accounts, not before.
  const [{ fileSchema }, { configurationOf }] = await Promise.all([
    import("../config/schema.ts"),
    import("../config/configuration-of.ts"),
  ]);
  const accounts = Object.fromEntries(stored.map(({ name, settings }) => [name, parse(settings)]));
  const result = fileSchema.safeParse({ accounts });
  if (result.error !== undefined) {
    const [issue] = result.error.issues;
    const field = issue?.path.slice(2).join(".") ?? "";
    throw wrong(`${field === "" ? "" : `${field}: `}${issue?.message ?? "unknown settings"}`);
  }
  return configurationOf(NO_FILE, result.data).accounts;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw wrong("the settings are no JSON");
  }
}

function wrong(message: string): FailureError {
  return new FailureError("account-settings", message, EXIT.usage);
}
