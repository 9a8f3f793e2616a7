// Programs that run JavaScript, as the registry has them for this machine.
import { existsSync } from "node:fs";
import { arch, platform } from "node:os";
import { join } from "node:path";
import { run } from "./setup.mjs";

/**
 * A Node of that major version; the installed one, if there is one in `folder`.
 * @param {string} folder
 * @param {string} major
 */
export function nodeOf(folder, major) {
  return join(installedPackage(folder, `node-${platform()}-${arch()}`, major), "bin", "node");
}

/**
 * Where a package is, of that major version. The install scripts are not needed: the packages hold the programs.
 * @param {string} folder
 * @param {string} name
 * @param {string} major
 */
export function installedPackage(folder, name, major) {
  const place = join(folder, name.replace(/\W+/g, "-") + major);
  const found = join(place, "node_modules", name);
  if (existsSync(found)) return found;
  const options = ["--ignore-scripts", "--no-audit", "--no-fund"];
  run(`installing ${name}`, "npm", ["install", "--prefix", place, ...options, `${name}@${major}`]);
  return found;
}
