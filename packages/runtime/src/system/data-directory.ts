import { homedir } from "node:os";
import { posix, win32 } from "node:path";

/** The environment variables that a function may look at. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The user's folder for Mailonce's data, absolute; not created. XDG Base Directory on Linux and the like,
 * Application Support on macOS, %LOCALAPPDATA% on Windows.
 */
export function dataDirectory(env: Environment, platform: NodeJS.Platform = process.platform): string {
  if (platform === "win32") {
    const local = env["LOCALAPPDATA"] || win32.join(home(env, "USERPROFILE"), "AppData", "Local");
    return win32.join(local, "mailonce");
  }
  // The specification: a relative path in XDG_DATA_HOME is to be ignored.
  const xdg = env["XDG_DATA_HOME"];
  if (xdg !== undefined && posix.isAbsolute(xdg)) return posix.join(xdg, "mailonce");
  if (platform === "darwin")
    return posix.join(home(env, "HOME"), "Library", "Application Support", "mailonce");
  return posix.join(home(env, "HOME"), ".local", "share", "mailonce");
}

function home(env: Environment, variable: string): string {
  return env[variable] || homedir();
}

/** The database that is used where none is named: an SQLite file in the data directory. */
export function defaultDatabaseUrl(env: Environment, platform: NodeJS.Platform = process.platform): string {
  const path = platform === "win32" ? win32 : posix;
  const file = path.join(dataDirectory(env, platform), "mailonce.sqlite");
  return `sqlite:${file.replace(/[%?#]/g, encodeURIComponent)}`;
}
