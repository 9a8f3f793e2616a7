// Programs that run JavaScript, as the registry has them for this machine.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";
import { run } from "./setup.mjs";

/**
 * A Node of that version, or the newest of that major version; the one in `folder`, if there is one. Only the program is
 * unpacked: the thousands of headers beside it take npm minutes.
 * @param {string} folder
 * @param {string} version
 */
export function nodeOf(folder, version) {
  const name = `node-${platform()}-${arch()}`;
  const program = join(folder, `${name}-${version}`, "bin", "node");
  if (existsSync(program)) return program;
  const making = join(folder, `making-${process.pid}`);
  mkdirSync(making, { recursive: true });
  try {
    run(`fetching ${name}@${version}`, "npm", ["pack", "--pack-destination", making, `${name}@${version}`]);
    const tarball = readdirSync(making).find((file) => file.endsWith(".tgz"));
    if (tarball === undefined) throw new Error(`npm fetched no ${name}@${version}`);
    const parameters = ["-xzf", join(making, tarball), "-C", making, "package/bin/node"];
    run(`unpacking ${name}@${version}`, "tar", parameters);
    mkdirSync(dirname(program), { recursive: true });
    renameSync(join(making, "package", "bin", "node"), program);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
  return program;
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
