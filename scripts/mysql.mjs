// A real MySQL for the tests. Debian's stable release has none, its unstable has: the packages are unpacked into a folder
// of this workspace with the libraries that they need, and nothing is installed.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { root } from "./setup.mjs";

const folder = join(root, "node_modules", ".cache", "mailonce-mysql");
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/**
 * A program that is mysqld, or why there is none.
 * @returns {{ readonly program: string } | { readonly failure: string }}
 */
export function ensureMySql() {
  const program = join(folder, "mysqld");
  if (existsSync(program)) return { program };
  if (!existsSync("/usr/bin/apt-get") || !existsSync(keyring)) return { failure: "this is not Debian" };
  const making = `${folder}.${process.pid}`;
  rmSync(making, { recursive: true, force: true });
  try {
    download(making);
    unpack(making);
    writeFileSync(join(making, "mysqld"), launcher(making));
    chmodSync(join(making, "mysqld"), 0o755);
    rmSync(join(making, "apt"), { recursive: true });
    rmSync(folder, { recursive: true, force: true });
    renameSync(making, folder);
    return { program };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/**
 * Asks apt-get for the packages as if none were installed here, so that every library comes along.
 * @param {string} making
 */
function download(making) {
  const apt = join(making, "apt");
  for (const path of ["lists/partial", "cache/archives/partial"])
    mkdirSync(join(apt, path), { recursive: true });
  writeFileSync(join(apt, "status"), "");
  writeFileSync(join(apt, "sources.list"), `deb [signed-by=${keyring}] ${mirror()} sid main\n`);
  const options = [
    `Dir::Etc::sourcelist=${join(apt, "sources.list")}`,
    "Dir::Etc::sourceparts=/dev/null",
    `Dir::State=${apt}`,
    `Dir::State::lists=${join(apt, "lists")}`,
    `Dir::State::status=${join(apt, "status")}`,
    `Dir::Cache=${join(apt, "cache")}`,
    "APT::Install-Recommends=false",
    "Acquire::Languages=none",
    "Debug::NoLocking=true",
  ].flatMap((option) => ["-o", option]);
  run("apt-get", [...options, "update"]);
  run("apt-get", [...options, "install", "--yes", "--download-only", "mysql-server-core"]);
}

/** The first mirror that this machine's own packages come from. */
function mirror() {
  const lists = "/etc/apt/sources.list.d";
  const files = ["/etc/apt/sources.list", ...readdirSync(lists).map((name) => join(lists, name))];
  const text = files.filter((file) => existsSync(file)).map((file) => readFileSync(file, "utf8"));
  const found = /^(?:URIs:|deb\s+(?:\[[^\]]*\]\s+)?)\s*(https?:\/\/\S+)/m.exec(text.join("\n"));
  if (found?.[1] === undefined) throw new Error("apt-get's sources name no mirror");
  return found[1];
}

/** @param {string} making */
function unpack(making) {
  const archives = join(making, "apt", "cache", "archives");
  for (const name of readdirSync(archives).filter(
    (name) => name.endsWith(".deb") && !name.startsWith("perl"),
  ))
    run("dpkg", ["--extract", join(archives, name), making]);
}

/**
 * These libraries are newer than the system's: they bring their own loader.
 * @param {string} making
 */
function launcher(making) {
  const libraries = readdirSync(join(making, "usr", "lib")).find((name) => name.endsWith("-linux-gnu"));
  if (libraries === undefined) throw new Error("the packages hold no libraries");
  const loader = readdirSync(join(making, "usr", "lib", libraries)).find((name) =>
    /^ld-linux.*\.so/.test(name),
  );
  if (loader === undefined) throw new Error("the packages hold no loader");
  const path = join(folder, "usr", "lib", libraries);
  const program = join(folder, "usr", "sbin", "mysqld");
  const place = `--basedir='${join(folder, "usr")}'`;
  // --no-defaults counts only as the first parameter.
  return `#!/bin/sh\nexec '${join(path, loader)}' --library-path '${path}' '${program}' "$@" ${place}\n`;
}

/**
 * @param {string} program
 * @param {readonly string[]} parameters
 */
function run(program, parameters) {
  const { status, stderr, error } = spawnSync(program, parameters, { encoding: "utf8", timeout: 120_000 });
  if (status !== 0)
    throw new Error(`${program} failed: ${error?.message ?? stderr.trim().split("\n").at(-1)}`);
}
