// The options of a script.
import { parseArgs } from "node:util";

/**
 * Reads the command line. `--help` shows the usage, and so does what is not known, as an error (exit code 2).
 * @template {NonNullable<import("node:util").ParseArgsConfig["options"]>} T
 * @param {string} usage
 * @param {T} options
 * @param {number} [mostPositionals]
 */
export function readOptions(usage, options, mostPositionals = 0) {
  if (process.argv.includes("--help")) {
    console.log(usage);
    process.exit(0);
  }
  const parsed = parse(usage, () => parseArgs({ options, allowPositionals: mostPositionals > 0 }));
  if (parsed.positionals.length > mostPositionals) refuse(usage, "too many parameters");
  return parsed;
}

/**
 * A whole number of the command line.
 * @param {string} usage @param {string} name @param {string} text @param {number} [least]
 */
export function wholeNumber(usage, name, text, least = 0) {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least)
    refuse(usage, `${name}: a whole number from ${least} on, not ${text}`);
  return number;
}

/** @param {string} usage @param {string} message @returns {never} */
export function refuse(usage, message) {
  console.error(`${message}\n\n${usage}`);
  process.exit(2);
}

/**
 * @template T
 * @param {string} usage @param {() => T} work @returns {T}
 */
function parse(usage, work) {
  try {
    return work();
  } catch (error) {
    return refuse(usage, error instanceof Error ? error.message : String(error));
  }
}
