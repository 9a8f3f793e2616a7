// npm run test:packages: what is published is whole. knip, publint and attw on the packages; then their tarballs, installed
// by npm in a project outside this workspace, compiled against and run on this Node, on Node 22 and on Node 24.
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { arch, platform, tmpdir } from "node:os";
import { join } from "node:path";
import { build, installPackages, root } from "./setup.mjs";

const published = ["pop3", "core", "typeorm", "runtime"].map((name) => join(root, "packages", name));
const programs = ["cli", "worker"].map((name) => join(root, "apps", name));
const otherNodes = ["22", "24"];
const bin = join(root, "node_modules", ".bin");

installPackages();
build();
// It loads from dist, which is there now.
const { startPop3Server } = await import("@mailonce/testkit");
const folder = mkdtempSync(join(tmpdir(), "mailonce-packages-"));
try {
  for (const path of [...published, ...programs]) {
    const name = path.slice(root.length);
    await step(`publint ${name}`, () =>
      run(join(bin, "publint"), ["--strict", "--pack", "pnpm", path], root),
    );
    if (programs.includes(path)) continue;
    await step(`attw ${name}`, () => run(join(bin, "attw"), ["--pack", path, "--profile", "esm-only"], root));
  }
  await step("pack", async () => {
    mkdirSync(join(folder, "tarballs"));
    for (const path of [...published, ...programs])
      await run(join(bin, "pnpm"), ["pack", "--pack-destination", join(folder, "tarballs")], path);
  });
  const project = join(folder, "project");
  await step("install the tarballs", async () => {
    cpSync(join(root, "scripts", "sample-project"), project, { recursive: true });
    writeFileSync(join(project, "package.json"), '{ "type": "module", "private": true }');
    const tarballs = readdirSync(join(folder, "tarballs")).map((name) => join(folder, "tarballs", name));
    const others = ["typescript@5.9", "@types/node@20"];
    await run(
      "npm",
      ["install", "--ignore-scripts", "--no-audit", "--no-fund", ...tarballs, ...others],
      project,
    );
  });
  await step("compile against their types", () =>
    run(join(project, "node_modules/.bin/tsc"), ["-p", "."], project),
  );
  await step(`run on Node ${process.versions.node}`, () => use(project, process.execPath));
  for (const major of otherNodes)
    await step(`run on Node ${major}`, async () => use(project, await nodeOf(major)));
  await step("knip", () => run(join(bin, "knip"), ["--no-progress"], root));
  console.log("all packages are whole");
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * The sample programs, the command line and the worker, the first and the command line against a server with three
 * messages.
 * @param {string} project
 * @param {string} node
 */
async function use(project, node) {
  const server = await startPop3Server();
  for (let n = 1; n <= 3; n++) server.maildrop.deliver(Buffer.from(`Subject: ${n}\r\n\r\n${n}\r\n`));
  const database = join(folder, `${Date.now()}`);
  const env = { POP3_PORT: `${server.port}`, MAILONCE_PASSWORD: server.password };
  try {
    const out = await run(node, ["out/sample.js"], project, {
      ...env,
      DATABASE: `sqlite:${database}.sample`,
    });
    if (out.trim() !== "3 listed, 3 new, 3 stored, 0 stored again")
      throw new Error(`the sample said: ${out}`);
    const shared = await run(node, ["out/libraries.js"], project, { DATABASE: `sqlite:${database}.shared` });
    const [before] = shared.split(";");
    // Node 20 has no SQLite of its own: there it is one library.
    const isOne = node === process.execPath && process.versions.node.startsWith("20.");
    if (before !== (isOne ? "opened" : "sqlite-shared") || !shared.trim().endsWith(": 20 rows, ok"))
      throw new Error(`a program with an SQLite library of its own said: ${shared}`);
    const cli = join(project, "node_modules/mailonce/bin/mailonce.js");
    const url = `pop3://alice@127.0.0.1:${server.port}?tls=none`;
    const fetched = await run(
      node,
      [cli, "fetch", "--json", "--database", `sqlite:${database}.cli`, url],
      project,
      env,
    );
    if (!fetched.includes('"stored":3')) throw new Error(`mailonce said: ${fetched}`);
    await run(
      node,
      [join(project, "node_modules/mailonce-worker/bin/mailonce-worker.js"), "--version"],
      project,
    );
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

/**
 * A Node of that major version, as the registry has it for this machine.
 * @param {string} major
 */
async function nodeOf(major) {
  const name = `node-${platform()}-${arch()}`;
  const place = join(folder, major);
  await run("npm", ["install", "--prefix", place, "--no-audit", "--no-fund", `${name}@${major}`], folder);
  return join(place, "node_modules", name, "bin", "node");
}

/**
 * @param {string} name
 * @param {() => Promise<unknown>} action
 */
async function step(name, action) {
  try {
    await action();
    console.log(`${name}: fine`);
  } catch (error) {
    throw new Error(`${name}: failed\n${error instanceof Error ? error.message : error}`);
  }
}

/**
 * Resolves to what the program wrote to standard output.
 * @param {string} program
 * @param {readonly string[]} parameters
 * @param {string} cwd
 * @param {Readonly<Record<string, string>>} [env]
 * @returns {Promise<string>}
 */
function run(program, parameters, cwd, env = {}) {
  return new Promise((resolve, reject) => {
    const path = `${bin}:${process.env["PATH"] ?? ""}`;
    const child = spawn(program, [...parameters], { cwd, env: { ...process.env, PATH: path, ...env } });
    let [out, all] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text) => {
      out += text;
      all += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      all += text;
    });
    child.once("error", reject);
    child.once("close", (code) => (code === 0 ? resolve(out) : reject(new Error(all))));
  });
}
