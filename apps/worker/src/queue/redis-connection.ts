import { Redis } from "ioredis";

/** How Redis is reached, besides its URL. */
export interface RedisLogin {
  /** The password, if the URL has none. */
  readonly password?: string | undefined;
}

/** How the errors begin by which Redis refuses a login. */
const REFUSALS = /^(?:WRONGPASS|NOAUTH|NOPERM|ERR invalid password|ERR AUTH)/;

/** A connection that is made again when it breaks. While Redis is away, commands wait for it only if `maxRetriesPerRequest` is null. */
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
  // Without a listener ioredis would print the error; RedisLink tells of the trouble.
  client.on("error", () => {});
  return client;
}

/** Whether Redis has said that user or password are wrong. */
export function isLoginRefusal(error: Error): boolean {
  return REFUSALS.test(error.message);
}
