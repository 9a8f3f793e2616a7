// npm run test:packages: what is published is whole. knip, publint and attw on the packages; then their tarballs, looked
// into, installed by npm in a project outside this workspace, compiled against and run on this Node, on Node 22 and on
// Node 24; the POP3 client also on Bun and on Deno.
import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { arch, platform, tmpdir } from "node:os";
import { join } from "node:path";
import { installedPackage, nodeOf } from "./runtimes.mjs";
import { build, installPackages, root } from "./setup.mjs";

const published = ["pop3", "core", "content", "typeorm", "runtime"].map((name) =>
  join(root, "packages", name),
);
const programs = ["cli", "worker"].map((name) => join(root, "apps", name));
const otherNodes = ["22", "24"];
const bin = join(root, "node_modules", ".bin");

installPackages();
build();
// It loads from dist, which is there now.
const { makeCertificate, startPop3Server } = await import("@mailonce/testkit");
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
  await step("look into the tarballs", async () => {
    for (const name of readdirSync(join(folder, "tarballs"))) await lookInto(name);
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
  await step("without the optional packages", async () => {
    const lean = join(folder, "lean");
    mkdirSync(lean);
    cpSync(join(root, "scripts", "sample-project", "without-optional.mjs"), join(lean, "main.mjs"));
    writeFileSync(join(lean, "package.json"), '{ "type": "module", "private": true }');
    const tarballs = readdirSync(join(folder, "tarballs")).filter((name) => name.startsWith("mailonce-"));
    const libraries = tarballs.filter((name) => !/^mailonce-(?:\d|worker)/.test(name));
    const files = libraries.map((name) => join(folder, "tarballs", name));
    await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", ...files], lean);
    const out = await run(process.execPath, ["main.mjs"], lean);
    if (!out.includes("npm install openid-client")) throw new Error(`it said:\n${out}`);
  });
  await step("compile against their types", () =>
    run(join(project, "node_modules/.bin/tsc"), ["-p", "."], project),
  );
  const nodes = [process.execPath];
  for (const major of otherNodes) nodes.push(nodeOf(folder, major));
  for (const node of nodes) {
    const version = (await run(node, ["--version"], folder)).trim();
    await step(`run on Node ${version}`, () => use(project, node));
    await step(`the client on Node ${version}`, () => useClient(project, [node]));
  }
  await step("the client on Bun", () => useClient(project, [bunOf()]));
  await step("the client on Deno", () =>
    useClient(project, [denoOf(), "run", "--allow-all", "--no-lock", "--node-modules-dir=manual"]),
  );
  await step("knip", () => run(join(bin, "knip"), ["--no-progress"], root));
  console.log("all packages are whole");
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * A tarball holds what it names, and nothing of how it was built.
 * @param {string} name
 */
async function lookInto(name) {
  const place = join(folder, "unpacked", name);
  mkdirSync(place, { recursive: true });
  await run("tar", ["-xzf", join(folder, "tarballs", name), "-C", place, "--strip-components=1"], folder);
  const files = readdirSync(place, { recursive: true, encoding: "utf8" });
  const odd = files.filter((file) => /\.map$|\.tsbuildinfo$|(^|\/)(test|src|node_modules)(\/|$)/.test(file));
  const mapped = files.filter(
    (file) =>
      /\.[cm]?js$/.test(file) && /^\/\/# sourceMappingURL=/m.test(readFileSync(join(place, file), "utf8")),
  );
  const { exports = {}, bin: programs = {} } = JSON.parse(readFileSync(join(place, "package.json"), "utf8"));
  const named = Object.values(exports).flatMap((entry) =>
    typeof entry === "string" ? entry : [entry.types, entry.default],
  );
  const missing = [...named, ...Object.values(programs)].filter((file) => !existsSync(join(place, file)));
  for (const [what, found] of Object.entries({ odd, mapped, missing }))
    if (found.length > 0) throw new Error(`${name} has ${what} files: ${found.slice(0, 5).join(", ")}`);
}

/**
 * The POP3 client from its tarball, against a plaintext server, one with STLS and one with TLS.
 * @param {string} project
 * @param {readonly string[]} runtime
 */
async function useClient(project, [program = "", ...parameters]) {
  const certificate = makeCertificate();
  const servers = [];
  const tries = /** @type {const} */ ([
    ["plain", "none"],
    ["stls", "stls"],
    ["tls", "tls"],
  ]);
  try {
    for (const [security, offered] of tries) {
      const server = await startPop3Server({ security: offered, certificate });
      for (const text of ["..one", "x".repeat(300_000), ""])
        server.maildrop.deliver(Buffer.from(`Subject: x\r\n\r\n${text}\r\n`));
      servers.push({ security, server });
    }
    const env = {
      POP3_SERVERS: JSON.stringify(servers.map(({ security, server: { port } }) => ({ security, port }))),
      POP3_CA: certificate.caFile,
      MAILONCE_PASSWORD: "secret",
    };
    const out = await run(program, [...parameters, "out/client.js"], project, env);
    const expected = [
      ...tries.map(([security]) => `${security} 3 300053 POP3_NO_MECHANISM`),
      "unknown authority POP3_TLS_UNTRUSTED",
      "another name POP3_TLS_UNTRUSTED",
      "another pin POP3_TLS_UNTRUSTED",
      "waits for TLS POP3_TLS_EXPECTED",
    ];
    if (out.trim() !== expected.join("\n")) throw new Error(`the client said:\n${out}`);
  } finally {
    for (const { server } of servers) await server[Symbol.asyncDispose]();
    await certificate[Symbol.asyncDispose]();
  }
}

/** Deno, as the registry has it for this machine. */
function denoOf() {
  const name = `@deno/${platform()}-${arch()}${platform() === "linux" ? "-glibc" : ""}`;
  return join(installedPackage(folder, name, "2"), platform() === "win32" ? "deno.exe" : "deno");
}

/** Bun; the one that any processor can run. */
function bunOf() {
  const suffix = arch() === "arm64" ? "aarch64" : "x64-baseline";
  const system = platform() === "win32" ? "windows" : platform();
  const name = `@oven/bun-${system}-${suffix}`;
  return join(installedPackage(folder, name, "1"), "bin", system === "windows" ? "bun.exe" : "bun");
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
    await keepCompiledCode(node, cli);
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
 * What was compiled is kept for the user where Node can (not 20), and a user who has no place for it is told nothing.
 * @param {string} node
 * @param {string} cli
 */
async function keepCompiledCode(node, cli) {
  const cache = join(folder, `cache-${Date.now()}`);
  const kept = join(cache, "mailonce");
  const said = new Set();
  for (const place of [cache, cache, "/dev/null", "/proc"])
    said.add(
      await run("sh", ["-c", '"$@" 2>&1', "sh", node, cli, "help", "criteria"], folder, {
        XDG_CACHE_HOME: place,
      }),
    );
  if (said.size !== 1) throw new Error(`mailonce said: ${[...said].join("; ")}`);
  const version = await run(node, ["--version"], folder);
  if (existsSync(kept) === version.startsWith("v20.")) throw new Error(`${version}: code in ${kept}?`);
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
