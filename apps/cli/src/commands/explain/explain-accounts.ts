import { compileCriteria, type QueryCriteria } from "@mailonce/core";
import { accountFailure, databaseUrl, explainAccount, FailureError, LoginMemory } from "@mailonce/runtime";
import type { AccountSettings } from "@mailonce/runtime/config";
import { AccountConnections } from "../../accounts/account-connections.ts";
import { findAccountsFile } from "../../accounts/accounts-file.ts";
import { chooseAccounts } from "../../accounts/choose-accounts.ts";
import { type MailOptions, withOptions } from "../../accounts/mail-options.ts";
import { watchInterrupt } from "../../input/interrupt.ts";
import type { Invocation } from "../../input/invocation.ts";
import { usageError } from "../../input/usage-error.ts";
import { uniqueIdText } from "../../output/format.ts";
import { OpenedOnce } from "../../store/opened-once.ts";
import type { Explanations } from "./explanations.ts";

/**
 * Says of the messages on the servers of these accounts whether they are wanted, one account after the other.
 * @param criteria null: each account's own
 * @throws FailureError at the first account where something goes wrong
 */
export async function explainAccounts(
  places: readonly string[],
  criteria: QueryCriteria | null,
  options: MailOptions & { readonly limit?: number },
  invocation: Invocation,
  explanations: Explanations,
): Promise<void> {
  const { terminal, env } = invocation;
  using interrupt = watchInterrupt(terminal);
  const { signal } = interrupt;
  const configuration = await findAccountsFile(options, env);
  const chosen = chooseAccounts(places, options.maildrop, configuration);
  const connections = new AccountConnections({ invocation, signal, configuration, options });
  // The database is opened for tokens, and for what is known of earlier logins; the stored messages are not looked at.
  await using database = new OpenedOnce(databaseUrl(env, options.database, configuration), env);
  const needsTokens = chosen.some(({ login }) => login.kind === "oauth2");
  const tokens = needsTokens ? ((await database.open())?.tokens ?? null) : null;
  const logins = new LoginMemory(async () => (await database.open())?.logins ?? null);
  for (const settings of chosen.map((each) => withOptions(each, options))) {
    const made = await connections.options(settings, {
      tokens: connections.tokens(settings, tokens),
      askPassword: () => connections.password(settings),
    });
    const { limit } = options;
    const explained = explainAccount({
      ...made,
      logins,
      criteria: criteria ?? ownCriteria(settings),
      ...(limit === undefined ? {} : { limit }),
    });
    try {
      for await (const { messageNumber, uniqueId, octets, header, explanation } of explained)
        await explanations.message({
          place: { maildrop: settings.account.maildrop },
          label: String(messageNumber),
          key: { messageNumber, uniqueId: uniqueIdText(uniqueId) },
          octets,
          subject: header?.subject ?? null,
          explanation,
        });
    } catch (error) {
      signal.throwIfAborted();
      const { code, message, kind } = accountFailure(error, settings.account);
      throw new FailureError(code, message, kind);
    }
    await explanations.totals(settings.account.maildrop);
  }
}

function ownCriteria({ name, where }: AccountSettings): QueryCriteria {
  if (where !== undefined) return compileCriteria(where);
  throw usageError(
    "no-criteria",
    `${name} has no criteria of its own (where: in the accounts file): give a query with --where`,
  );
}
