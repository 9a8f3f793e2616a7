// What every command at the root needs first: a Node that will do, the packages, the build.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/**
 * Installs the packages of the lockfile. Asks the registry for nothing if they are there.
 * @param {string} [folder] another worktree of this repository
 * @throws {Error} in one sentence, when it cannot
 */
export function installPackages(folder = root) {
  checkNode();
  const pnpm = join(root, "node_modules", ".bin", "pnpm");
  // The first time npx brings pnpm; then it is a development dependency.
  const bring = existsSync(pnpm) ? [pnpm] : ["npx", "--yes", `pnpm@${manifest.devDependencies.pnpm}`];
  const [program = "", ...parameters] = [...bring, "install", "--frozen-lockfile", "--silent"];
  run("installing the packages", program, parameters, folder);
}

/** Compiles everything; quick if nothing changed. @param {string} [folder] another worktree of this repository */
export function build(folder = root) {
  const turbo = join(folder, "node_modules", ".bin", "turbo");
  run("building", turbo, ["run", "build", "--output-logs=errors-only"], folder);
}

/**
 * Runs a program, shows what it says only if it fails, and gives its standard output.
 * @param {string} what for the error message
 * @param {string} program
 * @param {readonly string[]} parameters
 * @param {string} [cwd]
 */
export function run(what, program, parameters, cwd = root) {
  const env = {
    ...process.env,
    // turbo looks for pnpm there.
    PATH: `${join(cwd, "node_modules", ".bin")}${delimiter}${process.env["PATH"] ?? ""}`,
    TURBO_TELEMETRY_DISABLED: "1",
  };
  const { status, stdout, stderr, error } = spawnSync(program, parameters, {
    cwd,
    env,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) return stdout;
  throw new Error(`${what} failed\n${error?.message ?? ""}${stdout ?? ""}${stderr ?? ""}`.trimEnd());
}

/** The range of package.json, for a sentence instead of a syntax error. */
function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const fits =
    (major === 20 && minor >= 19) ||
    (major === 22 && minor >= 13) ||
    major > 24 ||
    (major === 24 && minor >= 11);
  if (!fits) throw new Error(`Node ${process.versions.node} will not do: ${manifest.engines.node} is needed`);
}
