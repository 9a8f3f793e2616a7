// Joins the program and all it needs in a few files: a short command spent most of its time finding and loading hundreds.
// What a command needs is still loaded only when that command runs. Names stay, so that a stack trace can be read.
// CommonJS loads faster: importing node:http as an ES module alone makes Node evaluate its fetch and WebSocket as well.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { rolldown } from "rolldown";

const here = join(import.meta.dirname, "..");
const folder = join(here, "bundle");
const { dependencies } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
/** What is installed beside the bundle, and an accelerator made of machine code that its user does without. */
const outside = new Set([...Object.keys(dependencies), "msgpackr-extract"]);

/** Folders of TypeORM's drivers: the ones Mailonce opens databases with, and what they are made of. */
const USED_DRIVERS = new Set(["better-sqlite3", "mysql", "sqlite-abstract", "types"]);

const typeorm = createRequire(join(here, "../../packages/typeorm/package.json")).resolve("typeorm");
const { peerDependencies: otherDrivers } = JSON.parse(
  readFileSync(join(dirname(typeorm), "package.json"), "utf8"),
);

/** Where TypeORM has what is imported of it: its own index loads all that it has. */
const TYPEORM_EXPORTS = {
  DataSource: "data-source/DataSource.js",
  EntitySchema: "entity-schema/EntitySchema.js",
  MigrationExecutor: "migration/MigrationExecutor.js",
};

/** iconv-lite's tables, which it asks for when it meets the first text that needs one. */
const tables = createRequire(
  createRequire(join(here, "../../packages/core/package.json")).resolve("iconv-lite"),
).resolve("../encodings");

const readingProcess = join(here, "../../packages/runtime/dist/content/reading-process.js");

const bundle = await rolldown({
  // The program that reads messages is found beside what starts it.
  input: { start: join(here, "dist", "start.js"), encodings: tables, "reading-process": readingProcess },
  platform: "node",
  external: (name, importer) => outside.has(packageOf(name)) || isOtherDriver(name, importer),
  plugins: [
    { name: "other-databases", load: withoutOtherDatabases },
    { name: "typeorm-when-needed", resolveId: typeormOf, load: exportsOfTypeorm, transform: whenNeeded },
    {
      name: "tables-when-needed",
      resolveId: (name, importer = "") =>
        name === "../encodings" && importer.includes("/iconv-lite/")
          ? { id: "./encodings.js", external: true }
          : null,
    },
  ],
  onLog(level, log, report) {
    // What is not found now would be missed by a user.
    if (level === "warn") throw new Error(log.message);
    report(level, log);
  },
});
rmSync(folder, { recursive: true, force: true });
const { output } = await bundle.write({
  dir: folder,
  format: "cjs",
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
});
const modules = output.flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
writeFileSync(join(folder, "LICENSES.txt"), licences(modules));
writeFileSync(join(folder, "package.json"), `${JSON.stringify({ type: "commonjs" })}\n`);

/**
 * TypeORM can use many databases: it asks for a driver when it is to use it, and is given mysql2.
 * @param {string} name @param {string | undefined} importer
 */
function isOtherDriver(name, importer = "") {
  return packageOf(name) in otherDrivers && importer.includes("/node_modules/typeorm/");
}

/**
 * TypeORM loads its code for all databases; a third of it is never called here.
 * @param {string} file
 */
function withoutOtherDatabases(file) {
  const database = /\/node_modules\/typeorm\/driver\/([^/]+)\//.exec(file)?.[1];
  const isUsed = database === undefined || USED_DRIVERS.has(database);
  return isUsed ? null : { code: "module.exports = {};" };
}

/** @param {string} name */
function typeormOf(name) {
  return name === "typeorm" ? "typeorm-exports" : null;
}

/** @param {string} name */
function exportsOfTypeorm(name) {
  if (name !== "typeorm-exports") return null;
  const lines = Object.entries(TYPEORM_EXPORTS).map(
    ([exported, file]) => `export { ${exported} } from ${JSON.stringify(join(dirname(typeorm), file))};`,
  );
  return { code: lines.join("\n"), moduleType: "js" };
}

/**
 * A module of TypeORM's loads another one when it first uses it, instead of at its own start. Most is never used: a
 * database is opened with a few of its modules, and all statements are our own.
 * @param {string} code @param {string} file
 */
function whenNeeded(code, file) {
  if (!/\/node_modules\/typeorm\/.*\.js$/.test(file)) return null;
  /** @type {Map<string, string>} */
  const imports = new Map();
  const rest = code.replace(
    /^const (\w+_\d+) = ((?:tslib_1\.__import\w+\()?require\("[^"]+"\)\)?);$/gm,
    (line, name, value) => {
      if (name === "tslib_1") return line;
      imports.set(name, value);
      return "";
    },
  );
  if (imports.size === 0) return null;
  const getters = [...imports].map(
    ([name, value]) =>
      `get ${name}() { const value = ${value}; Object.defineProperty(this, "${name}", { value }); return value; },`,
  );
  const used = rest.replace(/(?<![.\w])\w+_\d+(?=\.)/g, (name) =>
    imports.has(name) ? `needed.${name}` : name,
  );
  return { code: `"use strict";\nconst needed = {${getters.join("\n")}};\n${used}` };
}

/** @param {string} name of a module, as it is imported */
function packageOf(name) {
  return /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name;
}

/**
 * The licences of the packages whose modules are in the bundle, as these ask for.
 * @param {readonly string[]} modules their files
 */
function licences(modules) {
  const folders = modules.map((file) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+\//.exec(file)?.[0]);
  /** @type {Map<string, string>} */
  const texts = new Map();
  for (const path of new Set(folders)) {
    if (path === undefined) continue;
    const { name, version, license } = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
    const file = readdirSync(path).find((one) => /^(licen[sc]e|copying)/i.test(one));
    const text = file === undefined ? "" : `\n\n${readFileSync(join(path, file), "utf8").trim()}`;
    texts.set(`${name} ${version}`, `${name} ${version}: ${license}${text}\n`);
  }
  const sorted = [...texts].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return sorted.map(([, text]) => text).join(`\n${"-".repeat(80)}\n\n`);
}
