// What runs share so that rounds are cheap: mailboxes and compiled programs, in the system's temporary folder.
import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/**
 * The folder, made if missing. Others may look into it, because Dovecot serves mail as another user.
 * @throws {Error} if somebody else made it
 */
export function cacheFolder() {
  const { uid, username } = userInfo();
  const folder = join(tmpdir(), `mailonce-bench-${username}`);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== uid) throw new Error(`${folder} belongs to somebody else`);
  chmodSync(folder, 0o755);
  return folder;
}
