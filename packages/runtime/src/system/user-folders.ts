import { homedir } from "node:os";
import { posix, win32 } from "node:path";
import type { Environment } from "./environment.ts";

/** Where a kind of folder stands: by which variable, and else in which folder of the user's home. */
interface Place {
  readonly windows: readonly [variable: string, ...folder: string[]];
  readonly macos: readonly string[];
  /** XDG Base Directory, on Linux and the like. */
  readonly xdg: readonly [variable: string, ...folder: string[]];
}

const DATA: Place = {
  windows: ["LOCALAPPDATA", "AppData", "Local"],
  macos: ["Library", "Application Support"],
  xdg: ["XDG_DATA_HOME", ".local", "share"],
};
const CONFIGURATION: Place = {
  windows: ["APPDATA", "AppData", "Roaming"],
  macos: ["Library", "Application Support"],
  xdg: ["XDG_CONFIG_HOME", ".config"],
};
const CACHE: Place = {
  windows: ["LOCALAPPDATA", "AppData", "Local"],
  macos: ["Library", "Caches"],
  xdg: ["XDG_CACHE_HOME", ".cache"],
};

/** The user's folder for Mailonce's data, as an absolute path. It is not created. */
export function dataDirectory(env: Environment, platform: NodeJS.Platform = process.platform): string {
  return userFolder(DATA, env, platform);
}

/** The user's folder for Mailonce's configuration, as an absolute path. It is not created. */
export function configurationDirectory(
  env: Environment,
  platform: NodeJS.Platform = process.platform,
): string {
  return userFolder(CONFIGURATION, env, platform);
}

/** The user's folder for what Mailonce can make anew, as an absolute path. It is not created. */
export function cacheDirectory(env: Environment, platform: NodeJS.Platform = process.platform): string {
  return userFolder(CACHE, env, platform);
}

/** The database that is used where none is named: an SQLite file in the data directory. */
export function defaultDatabaseUrl(env: Environment, platform: NodeJS.Platform = process.platform): string {
  const path = platform === "win32" ? win32 : posix;
  const file = path.join(dataDirectory(env, platform), "mailonce.sqlite");
  return `sqlite:${file.replace(/[%?#]/g, encodeURIComponent)}`;
}

function userFolder({ windows, macos, xdg }: Place, env: Environment, platform: NodeJS.Platform): string {
  const home = (variable: string): string => env[variable] || homedir();
  if (platform === "win32") {
    const [variable, ...folder] = windows;
    return win32.join(env[variable] || win32.join(home("USERPROFILE"), ...folder), "mailonce");
  }
  const [variable, ...folder] = xdg;
  const named = env[variable];
  // The XDG specification: a relative path in such a variable is to be ignored.
  if (named !== undefined && posix.isAbsolute(named)) return posix.join(named, "mailonce");
  const usual = platform === "darwin" ? macos : folder;
  return posix.join(home("HOME"), ...usual, "mailonce");
}
