import { type CommonOptions, readAccountsFile } from "../../accounts/accounts-file.ts";
import type { Invocation } from "../../input/invocation.ts";
import { safeLine } from "../../output/safe-text.ts";
import { shownAccount, shownConfiguration } from "./shown-configuration.ts";

/** `mailonce config show` */
export async function showConfig(options: CommonOptions, { terminal, env }: Invocation): Promise<void> {
  const configuration = await readAccountsFile(options, env);
  if (options.json === true) {
    await terminal.json(shownConfiguration(configuration, env));
    return;
  }
  const { accounts: _accounts, type: _type, ...general } = shownConfiguration(configuration, env);
  await lines("", general);
  for (const settings of configuration.accounts) {
    const { name, ...rest } = shownAccount(settings);
    await terminal.line("");
    await terminal.line(terminal.bold(safeLine(String(name))));
    await lines("  ", rest);
  }

  async function lines(indent: string, values: Readonly<Record<string, unknown>>): Promise<void> {
    const told = Object.entries(values).filter(([, value]) => !isEmpty(value));
    const width = Math.max(...told.map(([key]) => key.length));
    for (const [key, value] of told) {
      await terminal.line(`${indent}${key.padEnd(width)}  ${safeLine(inWords(value))}`);
    }
  }
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
