import type { Product } from "./product.ts";

/**
 * Makes a session what migrations rely on, whatever the server's configuration makes of new ones (`sql_mode`,
 * `init_connect`): statements commit by themselves, nothing is cut to fit or read otherwise than written, text is UTF-8.
 */
export const SESSION_SETTINGS =
  "SET NAMES utf8mb4, autocommit = 1, sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'";

/** The same for the store itself, whose transactions see what others have committed meanwhile. */
export function storeSessionSettings({ isolation }: Product): string {
  return `${SESSION_SETTINGS}, ${isolation} = 'READ-COMMITTED'`;
}
