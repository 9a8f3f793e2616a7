import { databaseUrl } from "@mailonce/runtime";
import {
  type AccountSettings,
  accountUrl,
  type Configuration,
  type HookSettings,
  type LoginSettings,
  type Schedule,
  type SecretSource,
} from "@mailonce/runtime/config";
import { formatDuration } from "@mailonce/runtime/units";

/** An accounts file with its defaults filled in, for people and programs. Of secrets it says where they are kept. */
export function shownConfiguration(
  configuration: Configuration,
  env: NodeJS.ProcessEnv,
): Readonly<Record<string, unknown>> {
  const { file, tokenKey, concurrency, content, worker, accounts } = configuration;
  const { shutdownMs, keepDeliveredMs, metricsNames, ...others } = worker;
  return {
    type: "configuration",
    file,
    database: masked(databaseUrl(env, undefined, configuration)),
    tokenKey: tokenKey === null ? null : sourceInWords(tokenKey),
    concurrency,
    content,
    worker: {
      ...others,
      ...(metricsNames === undefined ? {} : { metrics: { names: metricsNames } }),
      queue: worker.queue === null ? null : masked(worker.queue),
      shutdown: formatDuration(shutdownMs),
      keepDelivered: keepDeliveredMs === null ? "always" : formatDuration(keepDeliveredMs),
    },
    accounts: accounts.map(shownAccount),
  };
}

/** One account of it. */
export function shownAccount(settings: AccountSettings): Readonly<Record<string, unknown>> {
  const { name, account, login, timeouts, proxy, schedule, hooks, profile, apart } = settings;
  return {
    name,
    url: accountUrl(account),
    maildrop: account.maildrop,
    login: loginInWords(login),
    mechanisms: settings.mechanisms ?? null,
    caFile: settings.caFile ?? null,
    trustedCertificates: settings.trustedCertificates,
    pinnedCertificates: settings.pinnedCertificates,
    pinnedPublicKeys: settings.pinnedPublicKeys,
    where: settings.where ?? null,
    limit: settings.limit ?? null,
    maxOctets: settings.maxOctets ?? null,
    pipelining: settings.pipelining ?? null,
    profile,
    apart,
    proxy: proxy === undefined ? null : masked(proxy),
    timeouts: Object.fromEntries(
      Object.entries(timeouts).map(([key, ms]) => [key.slice(0, -2), formatDuration(ms)]),
    ),
    schedule: schedule === undefined ? null : scheduleInWords(schedule),
    hooks: Object.fromEntries(hooks.map((hook) => [hook.name, hookInWords(hook)])),
  };
}

/** Where a secret is kept. */
export function sourceInWords(source: SecretSource): string {
  switch (source.kind) {
    case "env":
      return `the environment variable ${source.name}`;
    case "file":
      return `the file ${source.path}`;
    case "command":
      return `the command ${typeof source.command === "string" ? source.command : source.command.join(" ")}`;
  }
}

/** A URL without the password that may stand in it. */
export function masked(url: string): string {
  return url.replace(/^([a-z0-9+.-]+:\/\/[^/?#@]*?):[^/?#]*@/i, "$1:…@");
}

function loginInWords(login: LoginSettings): string {
  switch (login.kind) {
    case "ask":
      return "the password is asked for, or comes from MAILONCE_PASSWORD";
    case "password":
      return `a password from ${sourceInWords(login.source)}`;
    case "oauth2":
      return `OAuth 2 at ${login.oauth2.issuer} (${login.oauth2.grant}), client ${login.oauth2.clientId}`;
  }
}

function scheduleInWords(schedule: Schedule): string {
  if (schedule.kind === "interval") return `every ${formatDuration(schedule.ms)}`;
  return `${schedule.expression}${schedule.timeZone === null ? "" : ` (${schedule.timeZone})`}`;
}

/** A hook in words, and what it is told of what is in messages. */
function hookInWords(hook: HookSettings): string {
  const { include } = hook;
  if (include === undefined) return receiverInWords(hook);
  return `${receiverInWords(hook)}, with ${include.what.join(", ")} (at most ${include.octets} octets each)`;
}

/** Of a webhook's URL only the origin is told: many carry a token in their path. */
function receiverInWords(hook: HookSettings): string {
  switch (hook.kind) {
    case "webhook":
      return `POST to ${new URL(hook.url).origin}/…`;
    case "exec":
      return `run ${hook.command[0] ?? ""}`;
    case "queue":
      return `queue ${hook.queue} on ${masked(hook.url)}`;
  }
}
