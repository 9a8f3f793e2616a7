import { homedir } from "node:os";
import { dirname, isAbsolute, resolve } from "node:path";
import { accountOf } from "../account/account-url.ts";
import { defined } from "../account/defined.ts";
import type {
  AccountSettings,
  Configuration,
  HookSettings,
  LoginSettings,
  OAuth2Settings,
  SecretSource,
} from "../account/settings.ts";
import { bareAccount, DEFAULT_CONFIGURATION, DEFAULT_CONTENT } from "./defaults.ts";
import type { AccountContent, AccountFields, FileContent } from "./schema.ts";

const DEFAULT_HOOK_MS = 30_000;
/** So many octets of each text a hook is told where nothing is said. */
const DEFAULT_INCLUDED_OCTETS = 2 ** 18;

/** Makes a path absolute that is relative to a folder, or to the user's home where it begins with `~/`. */
export type Absolute = (path: string) => string;

/** Gives what makes the paths absolute that stand in a file of this folder. */
export function absoluteIn(folder: string): Absolute {
  return (path) => resolve(folder, path.replace(/^~(?=\/)/, homedir()));
}

/** Makes a configuration of what a file says. An account's field replaces that of the defaults as a whole. */
export function configurationOf(file: string, own: FileContent): Configuration {
  const absolute = absoluteIn(dirname(file));
  const { database, tokenKey, concurrency, defaults = {}, accounts, worker = {} } = own;
  const content = own.content === "none" ? null : { ...DEFAULT_CONTENT, ...defined(own.content ?? {}) };
  const { queue, listen, perHost, shutdown: shutdownMs, keepDelivered, metrics } = worker;
  const keepDeliveredMs = keepDelivered === "always" ? null : keepDelivered;
  return {
    file,
    database: database === undefined ? null : absoluteDatabase(database, absolute),
    tokenKey: tokenKey === undefined ? null : absoluteSource(tokenKey, absolute),
    concurrency: concurrency ?? DEFAULT_CONFIGURATION.concurrency,
    content,
    worker: {
      ...DEFAULT_CONFIGURATION.worker,
      ...defined({ queue, listen, perHost, shutdownMs, keepDeliveredMs, metricsNames: metrics?.names }),
    },
    accounts: Object.entries(accounts).map(([name, account]) =>
      accountSettings(name, account, defaults, absolute),
    ),
  };
}

function accountSettings(
  name: string,
  own: AccountContent,
  defaults: AccountFields,
  absolute: Absolute,
): AccountSettings {
  const fields: AccountFields = { ...defaults, ...defined(own) };
  const address = accountOf(own.url, own.maildrop ?? name);
  const allowed = fields.tls === undefined ? undefined : defined(fields.tls);
  const account = { ...defined({ allowed }), ...address };
  const bare = bareAccount(account);
  const { mechanisms, ca, trust, pins, timeouts = {}, pipelining, where, maxOctets, profile } = fields;
  return {
    ...bare,
    ...defined({ mechanisms, pipelining, where, maxOctets, profile }),
    ...defined({
      caFile: ca === undefined ? undefined : absolute(ca),
      proxy: unlessNone(fields.proxy),
      limit: unlessNone(fields.limit),
      schedule: unlessNone(fields.schedule),
    }),
    name,
    apart: own.apart ?? false,
    login: loginSettings(own, defaults, absolute),
    trustedCertificates: trust ?? [],
    pinnedCertificates: pins?.certificate ?? [],
    pinnedPublicKeys: pins?.publicKey ?? [],
    timeouts: defined({ connectMs: timeouts.connect, replyMs: timeouts.reply, idleMs: timeouts.idle }),
    hooks: Object.entries(fields.hooks ?? {}).map(([hook, content]) => hookSettings(hook, content, absolute)),
  };
}

/** How the account logs in, or else how the defaults say. The schema lets neither name a password and OAuth 2 at once. */
function loginSettings(own: AccountFields, defaults: AccountFields, absolute: Absolute): LoginSettings {
  for (const { password, oauth2 } of [own, defaults]) {
    if (oauth2 !== undefined) return { kind: "oauth2", oauth2: absoluteOAuth2(oauth2, absolute) };
    if (password !== undefined) return { kind: "password", source: absoluteSource(password, absolute) };
  }
  return { kind: "ask" };
}

function hookSettings(
  name: string,
  hook: NonNullable<AccountFields["hooks"]>[string],
  absolute: Absolute,
): HookSettings {
  const timeoutMs = hook.timeout ?? DEFAULT_HOOK_MS;
  const include =
    hook.include === undefined
      ? {}
      : { include: { what: hook.include, octets: hook.includeOctets ?? DEFAULT_INCLUDED_OCTETS } };
  if (hook.webhook !== undefined) {
    const secret = hook.secret === undefined ? null : absoluteSource(hook.secret, absolute);
    return { kind: "webhook", name, url: hook.webhook, secret, timeoutMs, ...include };
  }
  if (hook.exec !== undefined) return { kind: "exec", name, command: hook.exec, timeoutMs, ...include };
  return { kind: "queue", name, url: hook.url ?? "", queue: hook.queue ?? "", ...include };
}

function absoluteOAuth2(oauth2: OAuth2Settings, absolute: Absolute): OAuth2Settings {
  const { clientSecret } = oauth2;
  return { ...oauth2, clientSecret: clientSecret === null ? null : absoluteSource(clientSecret, absolute) };
}

function absoluteSource(source: SecretSource, absolute: Absolute): SecretSource {
  return source.kind === "file" ? { ...source, path: absolute(source.path) } : source;
}

/** The database's URL with absolute paths: of the SQLite file, or of the files for TLS. */
function absoluteDatabase(url: string, absolute: Absolute): string {
  if (!/^sqlite:/i.test(url)) {
    return url.replace(/([?&](?:ca|cert|key)=)([^&]*)/g, (_all, name: string, file: string) => {
      const full = absolute(decodeURIComponent(file));
      return `${name}${full.split("/").map(encodeURIComponent).join("/")}`;
    });
  }
  const encoded = /^sqlite:(?!\/\/)(.*)$/is.exec(url)?.[1];
  if (encoded === undefined || isAbsolute(encoded)) return url;
  if (encoded.startsWith("~/")) return `sqlite:${absolute(encoded)}`;
  // The folder is no part of the URL yet; the rest is percent-encoded already.
  const folder = absolute(".").replace(/[%?#]/g, encodeURIComponent);
  return `sqlite:${resolve(folder, encoded)}`;
}

/** A field's value; undefined where an account says that it does not want what the defaults set. */
function unlessNone<T extends object | string | number>(
  value: T | "none" | "never" | undefined,
): T | undefined {
  return value === "none" || value === "never" ? undefined : value;
}
