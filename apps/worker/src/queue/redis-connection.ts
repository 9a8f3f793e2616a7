import { Redis } from "ioredis";

/** How Redis is reached, besides its URL. */
export interface RedisLogin {
  /** Its password, where the URL has none. */
  readonly password?: string | undefined;
}

/** What Redis says to those who do not log in as it wants. */
const REFUSALS = /^(?:WRONGPASS|NOAUTH|NOPERM|ERR invalid password|ERR AUTH)/;

/** A connection that is made again whenever it breaks. With no retries for a command, it fails at once while Redis is away. */
export function connectRedis(
  url: string,
  { password }: RedisLogin,
  options: { readonly maxRetriesPerRequest: number | null; readonly commandTimeout?: number },
): Redis {
  const address = new URL(url);
  if (address.password === "" && password) address.password = encodeURIComponent(password);
  const client = new Redis(address.href, {
    ...options,
    enableOfflineQueue: options.maxRetriesPerRequest === null,
    retryStrategy: (times) => Math.min(100 * 2 ** times, 2000),
  });
  // Without a listener it would be printed; the trouble is told elsewhere.
  client.on("error", () => {});
  return client;
}

/** Whether Redis has said that user or password are wrong. */
export function isLoginRefusal(error: Error): boolean {
  return REFUSALS.test(error.message);
}
